// An agent that says anything at all to an owner with streams of every kind open.
#include "core/wire/file_window.hpp"
#include "core/wire/owner.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

using namespace sbx::wire;

namespace {

constexpr StreamId program = 3;
constexpr StreamId tar = 5;
constexpr StreamId detached = 19;
constexpr StreamId attached = 21;

const Owner& prepared()
{
    static const Owner owner = [] {
        Owner fresh;
        fresh.hello();
        fresh.claim({.token = "t"});
        fresh.spawn({.argv = {"x"}, .channels = {3}, .window = 64});
        fresh.send(program, std::string(min_credit, 'x'));
        fresh.tar_in({});
        fresh.tar_out({.window = 64});
        fresh.list({.max_entries = 3});
        fresh.stat({.path = "x"});
        fresh.watch({.path = "x", .window = 2});
        fresh.connect({.port = 80, .window = 64});
        fresh.processes({});
        fresh.spawn({.argv = {"x"}, .window = 64, .detached = true});
        fresh.attach({.process = 7, .window = 64});
        fresh.attach({.process = 7, .follow = false, .window = 64});
        fresh.egress({.names = {{"x", {80}}}});
        fresh.measure({});
        fresh.reset({});
        fresh.turn({.name = "x"});
        fresh.turn({.name = "x", .attached = attached});
        fresh.ping(1);
        fresh.take_outgoing();
        return fresh;
    }();
    return owner;
}

/// Behaves as a session would, and holds the owner to its word.
class Session : public Events {
   public:
    Session() : owner(prepared()) {}

    void on_data(StreamId id, std::uint8_t channel, std::span<const char> bytes) override
    {
        const std::size_t window = id % 2 == 0 ? initial_window : 64;
        if (bytes.empty() || bytes.size() > window || !owner.is_open(id)) std::abort();
        if (channel != 2) owner.consumed(id, channel, bytes.size());
    }
    void on_exit(StreamId id, const Exit& exit) override
    {
        if ((id != program && id != detached && id != attached) || owner.is_open(id) || exit.code > 255 ||
            exit.signal > 64)
            std::abort();
    }
    void on_error(StreamId id, const Failure& failure) override
    {
        if (owner.is_open(id)) std::abort();
        for (const char c : to_error(failure).message)
            if (c < ' ' || c > '~') std::abort();
    }
    void on_entries(StreamId, std::span<const Entry> entries) override
    {
        found_ += entries.size();
        if (found_ > 4) std::abort();
    }
    void on_started(StreamId id, std::uint64_t process) override
    {
        if (id != detached || process == 0) std::abort();
    }
    void on_processes(StreamId, std::span<const ProcessInfo> processes) override
    {
        told_ += processes.size();
        if (told_ > max_detached + max_remembered) std::abort();
    }
    void on_attached(StreamId id, const Attached& what) override
    {
        if (what.process != 7 || (owner.may_send(id) > 0 && id != attached)) std::abort();
    }
    void on_measured(StreamId, const Measured&) override
    {
        if (std::exchange(measured_, true)) std::abort();
    }
    void on_changed(StreamId id, const Changed&) override { owner.consumed(id, Channel::input, 1); }
    void on_credit(StreamId id, std::uint8_t channel) override
    {
        if (owner.may_send(id, channel) > (id == tar ? file_window : initial_window)) std::abort();
    }
    void on_proxy(StreamId id, const Proxy& proxy) override
    {
        if (proxy.port % 2 == 0)
            owner.accept(id);
        else
            owner.refuse(id, {.code = FailureCode::denied, .message = "no"});
    }

    void on_name_refused(const NameRefused& name) override
    {
        if (name.host.empty() || name.host.size() > max_host_bytes) std::abort();
    }

    Owner owner;

   private:
    std::size_t found_ = 0;
    std::size_t told_ = 0;
    bool measured_ = false;
};

}  // namespace

/// The first byte says in which pieces the others arrive.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (size == 0) return 0;
    Session session;
    const std::size_t step = std::size_t{input[0]} + 1;
    std::span<const char> rest(reinterpret_cast<const char*>(input) + 1, size - 1);
    bool failed = false;
    while (!rest.empty()) {
        const auto piece = rest.first(std::min(step, rest.size()));
        const bool refused = !session.owner.feed(piece, session, Owner::TimePoint{});
        if (failed && !refused) std::abort();
        failed = refused;
        rest = rest.subspan(piece.size());
    }
    return 0;
}
