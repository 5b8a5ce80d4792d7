// The channels of a process: descriptors of the program on one side, windows of the owner on the other.
#include "agent/pipes.hpp"
#include "agent/process.hpp"
#include "agent/program.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

namespace sbx::agent {
namespace {

using wire::Channel;

constexpr std::string_view end_of_input = "\4\4";  // ^D, what a terminal takes for it

}  // namespace

bool Process::open_lines(Program& program, std::vector<Descriptor>& childs)
{
    return std::ranges::all_of(lines_, [&](Line& line) { return open_line(line, program, childs); });
}

bool Process::open_line(Line& line, Program& program, std::vector<Descriptor>& childs)
{
    if (spawn_.pty && line.channel <= Channel::err) return true;  // comes with the terminal
    Descriptor childs_end;
    if (line.channel > Channel::err) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
        line.outlet.open(Descriptor(ends[0]));
        line.inlet.attach(ends[0]);
        make_nonblocking(ends[0]);
        childs_end = Descriptor(ends[1]);
    } else if (line.channel != Channel::input) {
        Descriptor read_end;
        if (!open_pipe(read_end, childs_end, spawn_.uid)) return false;
        make_nonblocking(read_end.get());
        line.outlet.open(std::move(read_end));
    } else if (line.has_inlet) {
        if (!open_pipe(childs_end, line.to_program, spawn_.uid)) return false;
        make_nonblocking(line.to_program.get());
        line.inlet.attach(line.to_program.get());
    } else {
        childs_end = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!childs_end) return false;
    }
    program.descriptors.emplace_back(line.channel, childs_end.get());
    childs.push_back(std::move(childs_end));
    if (line.has_inlet) finish_input(line);
    return true;
}

Process::Line* Process::line(std::uint8_t channel)
{
    const auto found = std::ranges::find(lines_, channel, &Line::channel);
    return found == lines_.end() ? nullptr : &*found;
}

void Process::collect(PollSet& set)
{
    if (report_) set.add(report_.get(), POLLIN, *this);
    // What the child says of itself comes first, then what is kept of a detached one's output.
    const bool may_read = !report_ && replay_.is_done() && (uplink().idle() || id() == 0);
    const bool may_read_extra = may_read && !spawn_.channels.empty() && !holds_output();
    for (const Line& line : lines_) {
        const bool may = line.channel < Channel::first_extra ? may_read : may_read_extra;
        if (may && line.outlet.wants_read()) set.add(line.outlet.fd(), POLLIN, *this);
        if (line.inlet.wants_write()) set.add(line.inlet.fd(), POLLOUT, *this);
    }
}

void Process::on_ready(int fd, short events)
{
    if (has_ended()) return;
    if (report_ && fd == report_.get()) on_report();
    for (Line& line : lines_) {
        if (line.inlet.fd() == fd && line.inlet.wants_write() && (events & (POLLOUT | POLLERR | POLLHUP)) != 0) {
            line.inlet.flush(uplink());
            finish_input(line);
        }
        if (line.outlet.fd() == fd && line.outlet.wants_read() && (uplink().idle() || id() == 0) && replay_.is_done() &&
            (events & (POLLIN | POLLERR | POLLHUP)) != 0) {
            relay(line);
            if (!line.outlet.is_open()) detach_inlet_of(fd);
        }
    }
}

/// Whether something that the program wrote to 1 or 2 has not been read yet.
bool Process::holds_output() const
{
    return std::ranges::any_of(
        lines_, [](const Line& line) { return line.channel < Channel::first_extra && line.outlet.waiting() > 0; });
}

/// Of an extra channel only what was there before 1 and 2 were seen to be empty: so it comes after all that the program
/// wrote to those before it.
void Process::relay(Line& line)
{
    std::size_t most = SIZE_MAX;
    if (line.channel >= Channel::first_extra) {
        most = std::max<std::size_t>(line.outlet.waiting(), 1);  // 1: its end
        if (holds_output()) return;
    }
    line.outlet.relay(uplink(), detached_ ? &detached_->tail : nullptr, most);
    uplink().flush();
}

/// After the descriptor was closed: its number may soon be another one's.
void Process::detach_inlet_of(int fd)
{
    for (Line& line : lines_)
        if (line.inlet.fd() == fd) line.inlet.detach(uplink());
}

void Process::on_terminal(Descriptor terminal)
{
    make_nonblocking(terminal.get());
    Line& input = *line(Channel::input);
    input.inlet.attach(terminal.get());
    line(Channel::out)->outlet.open(std::move(terminal));
    on_resize({.rows = spawn_.rows, .columns = spawn_.columns});
    input.inlet.flush(uplink());
    finish_input(input);
}

void Process::finish_input(Line& line)
{
    if (!line.inlet.is_done() || line.inlet.fd() < 0) return;
    if (line.to_program) {
        line.inlet.attach(-1);
        line.to_program.reset();
    } else if (line.channel >= Channel::first_extra) {
        shutdown(line.inlet.fd(), SHUT_WR);
    }
}

const char* Process::on_data(std::uint8_t channel, std::span<const char> bytes)
{
    Line* to = line(channel);
    if (!to || !to->has_inlet) return Operation::on_data(channel, bytes);
    if (channel == Channel::input) last_typed_ = bytes.back();
    return to->inlet.take(bytes, uplink());
}

const char* Process::on_eof(std::uint8_t channel)
{
    Line* to = line(channel);
    if (!to || !to->has_inlet) return Operation::on_eof(channel);
    // In the middle of a line the first ^D only sends off what was typed.
    const std::string_view typed = last_typed_ == '\n' ? end_of_input.substr(1) : end_of_input;
    const bool is_terminal = spawn_.pty && channel == Channel::input;
    if (const char* refusal = to->inlet.end(is_terminal ? typed : "")) return refusal;
    if (detached_ && channel == Channel::input && !is_terminal) detached_->shape.input = false;
    to->inlet.flush(uplink());
    finish_input(*to);
    return nullptr;
}

const char* Process::on_credit(std::uint8_t channel, std::uint32_t bytes)
{
    Line* from = line(channel);
    if (!from || channel == Channel::input) return Operation::on_credit(channel, bytes);
    return from->outlet.add_credit(bytes);
}

void Process::on_resize(const wire::Resize& size)
{
    spawn_.rows = size.rows;
    spawn_.columns = size.columns;
    const Line* terminal = line(Channel::out);
    if (!spawn_.pty || !terminal || !terminal->outlet.is_open()) return;
    const winsize window{.ws_row = static_cast<unsigned short>(size.rows),
                         .ws_col = static_cast<unsigned short>(size.columns)};
    ioctl(terminal->outlet.fd(), TIOCSWINSZ, &window);
}

}  // namespace sbx::agent
