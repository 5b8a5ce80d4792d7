#include "agent/spare_worker.hpp"

#include "agent/make_operation.hpp"
#include "agent/worker.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <utility>

namespace sbx::agent {
namespace {

/// Waits for a frame, and does what it asks for as the child of that operation would.
class AnyErrand final : public Errand {
   public:
    explicit AnyErrand(Sandbox& sandbox) : sandbox_(sandbox) {}

    void work(Desk& desk) override
    {
        char bytes[wire::header_bytes];
        wire::Header header;
        if (!desk.read(bytes, sizeof bytes) || wire::parse_header(bytes, wire::Direction::to_agent, header)) return;
        std::string json(header.length, '\0');
        std::unique_ptr<Operation> operation;
        if (!desk.read(json.data(), json.size()) ||
            make_operation(header.type, json, sandbox_, header.stream, operation) || !operation)
            return;
        desk.turn_to(header.stream);
        static_cast<Worker&>(*operation).work(desk);  // only workers hand over frames
    }

   private:
    Sandbox& sandbox_;
};

}  // namespace

void SpareWorker::start(Sandbox& sandbox)
{
    AnyErrand errand(sandbox);
    child_ = fork_worker(0, errand);
}

WorkerChild SpareWorker::take(std::string_view frame)
{
    const bool fits = !frame.empty() && frame.size() <= PIPE_BUF;  // so that nothing here blocks
    if (child_.pid < 0 || !fits || !write_whole(child_.input.get(), frame)) return {};
    return std::exchange(child_, {});
}

void SpareWorker::dismiss()
{
    if (child_.pid < 0) return;
    kill(child_.pid, SIGKILL);
    waitpid(child_.pid, nullptr, 0);
    child_ = {};
}

bool SpareWorker::on_reaped(pid_t pid)
{
    if (pid != child_.pid) return false;
    child_ = {};
    return true;
}

}  // namespace sbx::agent
