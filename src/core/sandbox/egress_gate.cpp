#include "core/sandbox/egress_gate.hpp"

#include "core/net/host_name.hpp"

#include <fmt/format.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t bytes_per_second = 64ULL << 20;
constexpr auto burst = 100ms;
constexpr auto patience_for_sending = 2s;
constexpr std::size_t most_streams = 2 * wire::max_proxies;  // those of the agent, and those that write what is left
constexpr std::array<std::uint16_t, 2> web_ports{80, 443};

const OutsideStream& pointed(const std::shared_ptr<OutsideStream>& stream)
{
    return *stream;
}

/// The names and ports that the agent listens for; what has none goes through its proxies.
wire::Egress described(const EgressList& list)
{
    wire::Egress egress;
    const auto add = [&](const std::string& host, std::uint16_t port) {
        auto at = std::ranges::find(egress.names, host, &wire::EgressName::host);
        if (at == egress.names.end()) {
            wire::EgressName name;
            name.host = host;
            at = egress.names.insert(at, std::move(name));
        }
        if (std::ranges::find(at->ports, port) == at->ports.end()) at->ports.push_back(port);
    };
    for (const EgressRule& rule : list.rules()) {
        const bool has_name = !rule.host.starts_with('*') && !is_address(rule.host);
        egress.proxies = egress.proxies || needs_proxy(rule);
        if (has_name && rule.port != 0) add(rule.host, rule.port);
        if (has_name && rule.port == 0)
            for (const std::uint16_t port : web_ports) add(rule.host, port);
    }
    // Every rule may be for two ports: the wire has room for so many, not for twice.
    std::size_t ports = 0;
    for (wire::EgressName& name : egress.names) {
        const std::size_t room = wire::max_egress_ports - ports;
        if (name.ports.size() > room) name.ports.resize(room);
        ports += name.ports.size();
    }
    return egress;
}

}  // namespace

AddressRules permitting(const std::vector<std::string>& ranges)
{
    std::vector<AddressRange> parsed;
    for (const std::string& text : ranges)
        if (auto range = parse_address_range("egress.permit", text)) parsed.push_back(std::move(*range));
    return AddressRules(std::move(parsed));
}

EgressGate::EgressGate(AgentLink& link, EgressList list, AddressRules rules, std::vector<NetworkAttempt> earlier)
    : link_(link),
      list_(std::move(list)),
      outside_{Connector(resolver_, std::move(rules)), RateLimit(bytes_per_second, burst), Attempts(std::move(earlier)),
               Semaphore(link.changed().executor(), wire::max_proxies)}
{
    link_.set_egress(this);
}

EgressGate::~EgressGate()
{
    link_.set_egress(nullptr);
}

void EgressGate::announce()
{
    if (list_.empty() && !announced_) return;
    announced_ = true;
    link_.owner().egress(described(list_));
}

asio::awaitable<void> EgressGate::serve()
{
    std::exception_ptr thrown;
    try {
        while (!link_.is_over()) co_await link_.life().wait(std::nullopt);
    } catch (...) {
        thrown = std::current_exception();  // a catch block cannot co_await
    }
    // However this ends, the streams end first: they use what goes with it.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    is_over_ = true;
    for (const auto& stream : streams_) stream->stop();
    while (!std::ranges::all_of(streams_, &OutsideStream::has_run, pointed))
        co_await link_.changed().wait(std::nullopt);
    streams_.clear();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (thrown) std::rethrow_exception(thrown);
}

asio::awaitable<void> EgressGate::drain()
{
    const auto deadline = std::chrono::steady_clock::now() + patience_for_sending;
    while (!link_.is_over() && std::chrono::steady_clock::now() < deadline &&
           !std::ranges::all_of(streams_, &OutsideStream::has_sent, pointed))
        co_await link_.changed().wait(deadline);
}

void EgressGate::change(EgressList list)
{
    list_ = std::move(list);
    announce();
    for (const auto& stream : streams_)
        if (!list_.allows(stream->host(), stream->port())) stream->forbid();
    link_.flush();
}

void EgressGate::on_proxy(wire::StreamId stream, const wire::Proxy& wanted)
{
    clear();
    const auto port = static_cast<std::uint16_t>(wanted.port);
    const std::optional<std::string> host = normal_host(wanted.host);
    const bool allowed = host && list_.allows(*host, port) && !is_over_;
    auto outside = std::make_shared<OutsideStream>(link_, outside_, stream, host.value_or(""), port);
    link_.attach_sink(stream, *outside);
    streams_.push_back(outside);
    if (!allowed || streams_.size() > most_streams) {
        outside->on_run_over();
        const char* why = !host ? "not the name of a host, nor an address" : "not allowed";
        return refuse(stream, wanted, allowed ? "too many connections at once" : why);
    }
    auto done = [this, outside](const std::exception_ptr& /*cancelled*/) {
        outside->on_run_over();
        link_.flush();
    };
    asio::co_spawn(link_.changed().executor(), outside->run(),
                   asio::bind_cancellation_slot(outside->stop_slot(), std::move(done)));
}

void EgressGate::refuse(wire::StreamId stream, const wire::Proxy& wanted, const std::string& why)
{
    const auto port = static_cast<std::uint16_t>(wanted.port);
    const std::size_t place = outside_.attempts.add(wanted.host, port, Verdict::refused, why);
    wire::Failure failure;
    failure.code = wire::FailureCode::denied;
    failure.message = fmt::format("{}:{}: {}", outside_.attempts.all().at(place).host, port, why);
    link_.owner().refuse(stream, failure);
}

void EgressGate::on_name_refused(const wire::NameRefused& name)
{
    const std::optional<std::string> host = normal_host(name.host);
    const bool by_proxy = host && std::ranges::any_of(list_.rules(), [&](const EgressRule& rule) {
                              return EgressList({rule}).allows(*host, rule.port);
                          });
    outside_.attempts.add(name.host, 0, Verdict::refused,
                          by_proxy ? "reached only through the proxies" : "not allowed");
}

void EgressGate::clear()
{
    std::erase_if(streams_, [](const auto& stream) { return stream->is_over(); });
}

}  // namespace sbx
