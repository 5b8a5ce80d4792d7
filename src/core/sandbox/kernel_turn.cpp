#include "core/sandbox/kernel_turn.hpp"

#include <utility>

namespace sbx {

KernelTurn::KernelTurn(AgentLink& link, const std::string& kernel, wire::StreamId attached)
    : link_(link), is_presumed_(attached != 0)
{
    wire::Turn turn;
    turn.name = kernel;
    turn.attached = attached;
    stream_ = link_.owner().turn(turn);
    link_.attach_sink(stream_, *this);
    if (!is_presumed_) link_.flush();  // else it goes out with what follows
}

KernelTurn::KernelTurn(AgentLink& link, Turns& turns, const std::string& kernel, std::uint64_t client) : link_(link)
{
    auto place = turns.ask(kernel, client, [&link] { link.flush(); });
    if (place)
        place_ = std::move(*place);
    else
        failure_ = place.error();
}

KernelTurn::~KernelTurn()
{
    if (stream_ != 0) link_.abandon(stream_);
    place_.reset();
    link_.flush();
}

bool KernelTurn::has_come() const
{
    return is_presumed_ || came_ || (place_ && place_->has_turn());
}

asio::awaitable<Result<void>> KernelTurn::come(std::optional<std::chrono::steady_clock::time_point> until,
                                               const bool& unwanted)
{
    for (;;) {
        if (failure_) co_return *failure_;
        if (link_.is_over()) co_return why_over();
        if (unwanted) co_return Error(Errc::cancelled, "nobody waits for it any more");
        if (has_come()) co_return Result<void>();
        if (until && std::chrono::steady_clock::now() >= *until)
            co_return Error(Errc::deadline_exceeded, "the kernel is busy with another execution");
        co_await link_.changed().wait(until);
    }
}

asio::awaitable<bool> KernelTurn::give_back()
{
    if (!is_presumed_) co_return false;
    // What was sent under it may have come to its end before the refusal comes; the turn itself has one that does not.
    link_.owner().close(stream_);
    link_.flush();
    while (stream_ != 0 && !link_.is_over()) co_await link_.changed().wait(std::nullopt);
    co_return failure_.has_value();
}

/// A keeper that does not know what a turn is breaks the connection, perhaps before it has said hello.
Error KernelTurn::why_over() const
{
    if (!place_ && link_.peer().empty())
        return {Errc::unavailable,
                "the sandbox's keeper gives no turns with kernels: it is of an older sbx, or has gone",
                "end the keeper's process, and the next command starts another; or update the daemon"};
    return {Errc::unavailable, "the connection to the sandbox has ended"};
}

void KernelTurn::on_opened()
{
    came_ = true;
}

bool KernelTurn::on_end(const Outcome& outcome)
{
    stream_ = 0;
    if (const auto* failure = std::get_if<wire::Failure>(&outcome)) failure_ = wire::to_error(*failure);
    return true;
}

}  // namespace sbx
