// On which stream a process is: the one that it was spawned on, then, when it is detached, on none or another one.
#include "agent/process.hpp"

#include <signal.h>

#include <algorithm>

namespace sbx::agent {

void Process::on_running()
{
    if (!spawn_.detached) return;
    detached_ = &sandbox_.detached.add(*this, spawn_, exit_.start_ms);
    if (id() != 0) uplink().send(Type::started, id(), wire::Started{detached_->info.process});
}

bool Process::may_be_followed() const
{
    return std::ranges::none_of(lines_,
                                [](const Line& line) { return line.inlet.undelivered() > wire::initial_window; });
}

void Process::follow(StreamId stream, std::uint32_t window)
{
    leave_stream("attached elsewhere");
    take_stream(stream);
    move_lines(window);
    uplink().send(Type::attached, stream, detached_->attached());
    replay_ = Replay(detached_->tail.records());
    replay();
}

/// To the stream that this process has now.
void Process::move_lines(std::uint32_t window)
{
    for (Line& line : lines_) {
        // An end on a terminal was only typed. Of an extra channel nobody tells whether it has ended: bytes are
        // dropped.
        line.inlet.move_to(id(), spawn_.pty || line.channel != wire::Channel::input);
        line.outlet.move_to(id(), window);
    }
    replay_ = {};
}

void Process::replay()
{
    while (!replay_.is_done() && uplink().idle()) {
        Line* from = line(replay_.channel());
        if (from->outlet.credit() == 0) return;
        from->outlet.spend(replay_.send(uplink(), id(), from->outlet.credit()));
        uplink().flush();
    }
}

void Process::on_close()
{
    if (!has_started()) return Operation::on_close();
    if (spawn_.detached) leave_stream("closed by the owner");
    if (id() == 0) move_lines(0);
    if (!spawn_.detached) on_signal(SIGKILL);
}

}  // namespace sbx::agent
