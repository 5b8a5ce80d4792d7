#include "agent/preloaded.hpp"

#include "agent/pipes.hpp"
#include "agent/program.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sbx::agent {
namespace {

constexpr int control_number = 60;                    // above all that an interpreter opens for itself
constexpr std::size_t max_request_bytes = 128 << 10;  // what the socket takes at once, so that nothing here blocks

/// Whether nothing of the request is beyond what an interpreter can still take on.
bool is_plain(const wire::Spawn& spawn)
{
    const wire::Spawn standard;
    return spawn.input && !spawn.pty && spawn.limits.empty() && spawn.channels.empty() && spawn.uid == standard.uid &&
           spawn.gid == standard.gid;
}

void add_text(std::string& to, std::string_view text)
{
    to += text;
    to += '\0';
}

void add_texts(std::string& to, const std::vector<std::string>& texts)
{
    add_text(to, std::to_string(texts.size()));
    for (const std::string& text : texts) add_text(to, text);
}

std::string request_for(const wire::Spawn& spawn, const std::vector<std::string>& environment)
{
    std::string fields;
    add_text(fields, spawn.cwd);
    add_texts(fields, spawn.argv);
    add_texts(fields, environment);
    std::string request;
    add_text(request, std::to_string(fields.size()));
    return request + fields;
}

std::chrono::microseconds time_used_by(pid_t pid)
{
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
    return std::chrono::microseconds(used.tv_sec * 1'000'000 + used.tv_nsec / 1'000);
}

}  // namespace

Preloaded::Preloaded(std::span<char* const> words) : words_(words)
{
    start();
}

void Preloaded::restart()
{
    kill();
    forget();
    start();
}

void Preloaded::start()
{
    wire::Spawn spawn;
    for (const std::string_view word : words_) {
        const bool is_setting = spawn.argv.empty() && word.find('=') != std::string_view::npos;
        (is_setting ? spawn.env : spawn.argv).emplace_back(word);
    }
    if (spawn.argv.empty()) return;
    Descriptor childs[4];
    int ends[2];
    int report[2];
    if (!open_pipe(childs[0], input, spawn.uid) || !open_pipe(output, childs[1], spawn.uid) ||
        !open_pipe(errors, childs[2], spawn.uid) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    control = Descriptor(ends[0]);
    childs[3] = Descriptor(ends[1]);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, report) != 0) return;
    const Descriptor ours(report[0]);
    const Descriptor its(report[1]);
    Program program{
        .spawn = spawn, .environment = environment_for(spawn, false), .descriptors = {}, .report = its.get()};
    for (const int number : {0, 1, 2, control_number})
        program.descriptors.emplace_back(number, childs[std::min(number, 3)].get());
    pid_ = fork();
    if (pid_ == 0) become_program(program);
    for (const Descriptor* end : {&input, &output, &errors}) make_nonblocking(end->get());
}

bool Preloaded::is_ready() const
{
    char byte = 0;
    return pid_ > 0 && recv(control.get(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) == 1;
}

void Preloaded::kill()
{
    if (pid_ > 0) ::kill(pid_, SIGKILL);
}

void Preloaded::forget()
{
    pid_ = -1;
    control.reset();
    input.reset();
    output.reset();
    errors.reset();
}

bool Preloaded::become(const wire::Spawn& spawn, const std::vector<std::string>& environment)
{
    const std::string request = request_for(spawn, environment);
    used_ = time_used_by(pid_);
    return is_plain(spawn) && request.size() <= max_request_bytes &&
           send(control.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
               static_cast<long>(request.size());
}

int read_refusal(int control)
{
    char said[32];
    const long count = recv(control, said, sizeof said, MSG_DONTWAIT);
    const std::string_view text(said, static_cast<std::size_t>(std::max(count, 0L)));
    const std::size_t mark = text.find('!');
    int error = 0;
    if (mark != std::string_view::npos) std::from_chars(said + mark + 1, said + text.size(), error);
    return error;
}

}  // namespace sbx::agent
