#include "agent/reset.hpp"

#include "agent/privileges.hpp"
#include "agent/wipe.hpp"
#include "agent/worker.hpp"

#include <signal.h>

namespace sbx::agent {
namespace {

constexpr auto patience = std::chrono::seconds(5);

/// First everything dies; when nobody is left who could write, a child takes away what they wrote.
class ResetSandbox : public Worker {
   public:
    ResetSandbox(Sandbox& sandbox, StreamId id, StreamId after) : Worker(sandbox, id, after, false, 0) {}

    std::optional<TimePoint> deadline() const override { return deadline_; }
    void on_deadline() override
    {
        if (is_looked_at_) return fail(wire::FailureCode::internal, "processes that do not die");
        is_looked_at_ = true;
        deadline_ = Clock::now() + patience;
    }
    void settle() override
    {
        if (has_ended() || wipes_) return Worker::settle();
        if (sandbox_.running > 1 || !sandbox_.childless) return signal_everything(SIGKILL);
        deadline_.reset();
        wipes_ = true;
        Worker::run();
    }

   private:
    void run() override
    {
        ++sandbox_.kills;
        sandbox_.childless = false;
        signal_everything(SIGKILL);
        deadline_ = Clock::now();  // where there was nothing to kill, nobody's end will wake the agent
    }
    void work(Desk& desk) override
    {
        if (const char* place = wipe_sandbox()) desk.fail_with_errno(place);
        desk.reply({});
    }
    void on_success() override
    {
        sandbox_.preloaded.restart();
        sandbox_.spare.start(sandbox_);
    }

    std::optional<TimePoint> deadline_;
    bool is_looked_at_ = false;
    bool wipes_ = false;
};

}  // namespace

std::unique_ptr<Operation> make_reset(Sandbox& sandbox, StreamId id, wire::Reset request)
{
    return std::make_unique<ResetSandbox>(sandbox, id, request.after);
}

}  // namespace sbx::agent
