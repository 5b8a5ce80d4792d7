#include "agent/attach.hpp"

#include "agent/process.hpp"

#include <algorithm>
#include <array>

namespace sbx::agent {
namespace {

using wire::FailureCode;

class ListProcesses : public Operation {
   public:
    using Operation::Operation;

   private:
    void run() override
    {
        const auto known = sandbox_.detached.all();
        for (const auto& detached : known)
            uplink().send(Type::process_list, id(), wire::ProcessList{.processes = {detached->told()}});
        reply({.entries = static_cast<std::uint32_t>(known.size())});
    }
};

/// Finds the process and gives it this stream, or, where it is not followed or has ended, sends what is kept of it.
class Attach : public Operation {
   public:
    Attach(Sandbox& sandbox, StreamId id, const wire::Attach& request)
        : Operation(sandbox, id, request.after), request_(request)
    {
    }

    void settle() override;
    const char* on_credit(std::uint8_t channel, std::uint32_t bytes) override;

   private:
    void run() override;

    wire::Attach request_;
    wire::Exit exit_;
    Replay replay_;
    std::array<std::uint32_t, wire::last_extra + 1> credit_{};
};

void Attach::run()
{
    if (request_.window == 0 || request_.window > wire::max_window)
        return fail(FailureCode::invalid, "window out of range");
    Detached* detached = sandbox_.detached.find(request_.process);
    if (!detached) return fail(FailureCode::not_found, "no such process");
    if (request_.follow && detached->process) {
        if (!detached->process->may_be_followed())
            return fail(FailureCode::too_large, "the process has not read the input that it was sent");
        return detached->process->follow(hand_over(), request_.window);
    }
    uplink().send(Type::attached, id(), detached->attached());
    exit_ = detached->info.exit;
    replay_ = Replay(detached->tail.records());
    credit_.fill(request_.window);
    settle();
}

void Attach::settle()
{
    if (has_ended()) return;
    while (!replay_.is_done() && uplink().idle() && credit_[replay_.channel()] > 0) {
        std::uint32_t& credit = credit_[replay_.channel()];
        credit -= static_cast<std::uint32_t>(replay_.send(uplink(), id(), credit));
        uplink().flush();
    }
    if (!replay_.is_done()) return;
    if (!request_.follow) return reply({.bytes = replay_.sent_bytes()});
    uplink().send(Type::exit, id(), exit_);
    finish(exit_.code == 0 && exit_.signal == 0);
}

const char* Attach::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    if (!has_started()) return Operation::on_credit(channel, bytes);
    return add_credit(credit_[channel], bytes);
}

}  // namespace

std::unique_ptr<Operation> make_processes(Sandbox& sandbox, StreamId id, wire::Processes request)
{
    return std::make_unique<ListProcesses>(sandbox, id, request.after);
}

std::unique_ptr<Operation> make_attach(Sandbox& sandbox, StreamId id, wire::Attach request)
{
    return std::make_unique<Attach>(sandbox, id, request);
}

}  // namespace sbx::agent
