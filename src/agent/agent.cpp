#include "agent/agent.hpp"

#include "agent/accounting.hpp"
#include "agent/agent_socket.hpp"
#include "agent/make_operation.hpp"
#include "agent/privileges.hpp"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

namespace sbx::agent {
namespace {

using wire::FailureCode;

constexpr std::ptrdiff_t max_operations = 128;
constexpr auto time_to_claim = std::chrono::seconds(5);

Descriptor watch_children()
{
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, nullptr);
    return Descriptor(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Whether a stream has been opened before, and, as nothing knows it, has ended.
bool has_opened(const Connection& from, StreamId id)
{
    return id % 2 == 1 && id <= from.last_stream;
}

bool same_token(std::string_view a, std::string_view b)
{
    unsigned difference = a.size() != b.size() ? 1 : 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

}  // namespace

Agent::Agent(int from_owner, int to_owner, std::chrono::milliseconds unclaimed, std::chrono::milliseconds afterlife,
             std::span<char* const> preload)
    : owner_(std::make_unique<Connection>(from_owner, to_owner, *this)),
      socket_(listen_on_agent_socket()),
      signals_(watch_children()),
      dns_(egress_),
      lease_(Clock::now(), unclaimed),
      lease_length_(unclaimed),
      afterlife_(afterlife),
      sandbox_{.uplink = &owner_->uplink(), .preloaded = Preloaded(preload)}
{
    if (afterlife == afterlife.zero()) return;
    // It waits for its run, and whatever can be done ahead of that is.
    read_memory();
    sandbox_.spare.start(sandbox_);
}

void Agent::run()
{
    while (!over_) {
        collect();
        poll_set_.wait(next_deadline());
        settle();
        look_after_connections();
        if (lease_.tick(Clock::now())) over_ = true;
    }
    signal_everything(SIGKILL);
}

void Agent::collect()
{
    poll_set_.clear();
    poll_set_.add(signals_.get(), POLLIN, *this);
    owner_->collect(poll_set_);
    if (candidate_)
        candidate_->collect(poll_set_);
    else if (socket_)
        poll_set_.add(socket_.get(), POLLIN, *this);
    dns_.collect(poll_set_);
    egress_.collect(poll_set_);
    for (const auto& operation : operations_) operation->collect(poll_set_);
}

TimePoint Agent::next_deadline() const
{
    TimePoint next = egress_.next_deadline(lease_.next_tick());
    if (candidate_ && claimed_) next = std::min(next, candidate_deadline_);
    for (const auto& operation : operations_) next = std::min(next, operation->deadline().value_or(next));
    return next;
}

void Agent::settle()
{
    start_what_may_start();  // what a program waited for is over before its process is taken away
    reap();
    egress_.settle();
    for (const auto& operation : operations_) {
        if (operation->deadline() && *operation->deadline() <= Clock::now()) operation->on_deadline();
        if (operation->has_started()) operation->settle();
    }
    start_what_may_start();
    std::erase_if(operations_, [](const auto& o) { return o->has_ended() && o->is_disposable(); });
}

void Agent::start_what_may_start()
{
    for (std::size_t i = 0; i < operations_.size(); ++i) {
        Operation& waiting = *operations_[i];
        if (waiting.has_started() || waiting.has_ended()) continue;
        const std::optional<bool> before = sandbox_.ends.find(waiting.after());
        if (waiting.after() == 0 || before == true)
            waiting.start();
        else if (before)
            waiting.fail(FailureCode::cancelled, "what it comes after has failed");
        else if (!find(waiting.after()))
            waiting.fail(FailureCode::invalid, "what it comes after is not known");
    }
}

void Agent::on_ready(int fd, short)
{
    if (fd == socket_.get()) accept_candidate();
}

void Agent::look_after_connections()
{
    former_.reset();
    if (candidate_) look_after_candidate();
    owner_->flush();
    if (owner_->is_broken()) over_ = true;
    if (!owner_->is_gone()) return;
    if (!claimed_ && !candidate_) over_ = true;
    if (!std::exchange(owner_->attached, false)) return;
    abandon_operations();
    egress_.detach();
    if (!sandbox_.one_shot) return;  // only the lease counts: somebody may come back
    if (sandbox_.childless)
        lease_.renew(Clock::now(), afterlife_);
    else
        over_ = true;
}

/// As long as nobody has claimed the sandbox, one may wait with it for its program.
void Agent::look_after_candidate()
{
    candidate_->flush();
    const bool is_late = claimed_ && Clock::now() >= candidate_deadline_;
    if (candidate_->is_gone() || candidate_->is_broken() || is_late) candidate_.reset();
}

void Agent::accept_candidate()
{
    Descriptor peer = accept_root(socket_.get());
    if (!peer || candidate_) return;
    candidate_ = std::make_unique<Connection>(std::move(peer), *this);
    candidate_deadline_ = Clock::now() + time_to_claim;
}

/// The earlier owner's connection is given up, and its streams with it; detached processes live on.
void Agent::become_owner(Connection& candidate)
{
    if (&candidate == owner_.get()) return;
    owner_->give_up();
    abandon_operations();
    former_ = std::move(owner_);
    owner_ = std::move(candidate_);
    sandbox_.uplink = &owner_->uplink();
}

void Agent::abandon_operations()
{
    for (const auto& operation : operations_) operation->abandon();
    sandbox_.ends.clear();
}

void Agent::reap()
{
    signalfd_siginfo ignored;
    while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
    }
    for (;;) {
        int status = 0;
        rusage usage{};
        const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid < 0) sandbox_.childless = true;
        if (pid <= 0) return;
        if (pid == sandbox_.preloaded.pid()) {
            sandbox_.preloaded.forget();
            continue;
        }
        if (sandbox_.spare.on_reaped(pid)) continue;
        const bool known = std::ranges::any_of(
            operations_, [&](const auto& operation) { return operation->on_reaped(pid, status, usage); });
        if (!known) sandbox_.orphans.add(usage);
    }
}

const char* Agent::on_control(Connection& from, const wire::Header& header, std::string_view json)
{
    if (over_) return nullptr;
    if (header.stream == 0) return on_connection(from, header, json);
    if (header.stream % 2 == 0) return from.attached ? egress_.on_control(header, json) : "stream number out of order";
    if (Operation* operation = find(from, header.stream)) return on_stream(*operation, header, json);
    switch (header.type) {
        case Type::eof:
        case Type::credit:
        case Type::resize:
        case Type::signal:
        case Type::close:
            return has_opened(from, header.stream) ? nullptr : "frame for a stream that was never opened";
        case Type::opened:
        case Type::error:
            return "answer to what nobody asked";
        default:
            return on_open(from, header, json);
    }
}

const char* Agent::on_bytes(Connection& from, const wire::Header& header, std::span<const char> piece)
{
    if (header.stream % 2 == 0 && from.attached) return egress_.on_bytes(header, piece);
    if (Operation* operation = find(from, header.stream)) return operation->on_data(header.channel, piece);
    return has_opened(from, header.stream) ? nullptr : "data for a stream that was never opened";
}

const char* Agent::on_connection(Connection& from, const wire::Header& header, std::string_view json)
{
    wire::Ping ping;
    wire::Lease lease;
    wire::Signal signal;
    wire::Egress egress;
    wire::Nothing nothing;
    switch (header.type) {
        case Type::hello:
            return on_hello(from, json);
        case Type::ping:
            if (const char* refusal = wire::decode(json, ping)) return refusal;
            from.uplink().send(Type::pong, 0, ping);
            return nullptr;
        case Type::lease:
        case Type::stop:
            if (const char* refusal = wire::decode(json, lease)) return refusal;
            if (!from.attached) return nullptr;
            if (header.type == Type::lease) lease_length_ = std::chrono::milliseconds(lease.ms);
            lease_.renew(Clock::now(), std::chrono::milliseconds(lease.ms));
            return nullptr;
        case Type::cont:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            if (!from.attached) return nullptr;
            lease_.renew(Clock::now(), lease_length_);
            return nullptr;
        case Type::shutdown:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            if (!from.attached) return nullptr;
            over_ = true;
            return nullptr;
        case Type::egress:
            if (const char* refusal = wire::decode(json, egress)) return refusal;
            if (!from.attached) return nullptr;
            sandbox_.proxies = egress.proxies;
            return egress_.set(egress);
        default:
            if (const char* refusal = wire::decode(json, signal)) return refusal;
            if (!from.attached) return nullptr;
            if (signal.target != wire::Target::all) return "a signal to no process";
            if (signal.signal == SIGKILL) ++sandbox_.kills;
            sandbox_.spare.dismiss();
            signal_everything(static_cast<int>(signal.signal));
            return nullptr;
    }
}

const char* Agent::on_hello(Connection& from, std::string_view json)
{
    wire::Hello hello;
    if (const char* refusal = wire::decode(json, hello)) return refusal;
    if (hello.version != wire::protocol_version) return "another protocol version";
    const Memory memory = read_memory();
    from.uplink().send(
        Type::hello, 0,
        wire::Hello{
            .build = SBX_AGENT_BUILD, .cgroup = memory.cgroup_version, .memory_limit_bytes = memory.limit_bytes});
    return nullptr;
}

const char* Agent::on_stream(Operation& operation, const wire::Header& header, std::string_view json)
{
    wire::Nothing nothing;
    wire::Credit credit;
    wire::Resize size;
    wire::Signal signal;
    switch (header.type) {
        case Type::eof:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            return operation.on_eof(header.channel);
        case Type::close:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            operation.on_close();
            return nullptr;
        case Type::credit:
            if (const char* refusal = wire::decode(json, credit)) return refusal;
            return operation.on_credit(header.channel, credit.bytes);
        case Type::resize:
            if (const char* refusal = wire::decode(json, size)) return refusal;
            operation.on_resize(size);
            return nullptr;
        case Type::signal:
            if (const char* refusal = wire::decode(json, signal)) return refusal;
            if (signal.signal > 64 || signal.target != wire::Target::group) return "no such signal";
            operation.on_signal(static_cast<int>(signal.signal));
            return nullptr;
        default:
            return "a stream was opened twice";
    }
}

const char* Agent::on_open(Connection& from, const wire::Header& header, std::string_view json)
{
    const StreamId id = header.stream;
    if (id <= from.last_stream) return "stream number out of order";
    from.last_stream = id;
    if (header.type == Type::claim) return on_claim(from, id, json);
    if (!from.attached) return refuse(from, id, FailureCode::denied, "not claimed");
    const auto open = std::ranges::count_if(operations_, [](const auto& operation) { return operation->id() != 0; });
    if (open >= max_operations) return refuse(from, id, FailureCode::no_processes, "too many streams are open");
    std::unique_ptr<Operation> operation;
    if (const char* refusal = make_operation(header.type, json, sandbox_, id, operation)) return refusal;
    if (!operation) return refuse(from, id, FailureCode::unsupported, "this agent can't do that yet");
    if (header.type == Type::spawn) egress_.on_program();
    operations_.push_back(std::move(operation));
    start_what_may_start();
    return nullptr;
}

const char* Agent::on_claim(Connection& from, StreamId id, std::string_view json)
{
    wire::Claim claim;
    if (const char* refusal = wire::decode(json, claim)) return refusal;
    if (claim.token.empty()) return refuse(from, id, FailureCode::invalid, "no token");
    if (claimed_ && !same_token(claim.token, token_)) return refuse(from, id, FailureCode::denied, "wrong token");
    become_owner(from);
    token_ = claim.token;
    claimed_ = true;
    if (!std::exchange(from.attached, true)) egress_.attach(from.uplink());
    sandbox_.one_shot = claim.one_shot;
    lease_length_ = std::chrono::milliseconds(claim.lease_ms);
    lease_.renew(Clock::now(), lease_length_);
    from.uplink().send(Type::reply, id, wire::Reply{});
    sandbox_.ends.add(id, true);
    return nullptr;
}

const char* Agent::refuse(Connection& from, StreamId id, FailureCode code, std::string message)
{
    from.uplink().send(Type::error, id, wire::Failure{.code = code, .message = std::move(message)});
    if (&from == owner_.get()) {
        sandbox_.ends.add(id, false);
    } else {
        from.flush();
        from.give_up();  // it had its chance
    }
    return nullptr;
}

Operation* Agent::find(StreamId id)
{
    const auto found =
        std::ranges::find_if(operations_, [&](const auto& o) { return o->id() == id && !o->has_ended(); });
    return found == operations_.end() ? nullptr : found->get();
}

}  // namespace sbx::agent
