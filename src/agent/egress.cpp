#include "agent/egress.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace sbx::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_names = 4'096;             // that have an address; far fewer are allowed at a time
constexpr unsigned max_unsolicited_per_second = 500;  // far below what the owner takes for a flood
constexpr std::uint32_t last_port = 65'535;
constexpr Ipv4 loopback{127, 0, 0, 1};

Descriptor listen_at(const Ipv4& address, std::uint16_t port)
{
    Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in name{};
    const int on = 1;
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    std::copy(address.begin(), address.end(), reinterpret_cast<unsigned char*>(&name.sin_addr));
    if (!fd) return fd;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) return {};
    if (::listen(fd.get(), static_cast<int>(wire::max_proxies)) != 0) return {};
    return fd;
}

Ipv4 address_of(std::size_t number)
{
    return {127, 83, static_cast<unsigned char>(number >> 8), static_cast<unsigned char>(number)};
}

}  // namespace

const char* Egress::set(const wire::Egress& egress)
{
    std::size_t ports = 0;
    for (const wire::EgressName& name : egress.names) ports += name.ports.size();
    if (egress.names.size() > wire::max_egress_names || ports > wire::max_egress_ports)
        return "too many names or ports";
    const auto stays = [&](const Name& name, const Listener& listener) {
        return std::ranges::any_of(egress.names, [&](const wire::EgressName& wanted) {
            return wanted.host == name.host && std::ranges::count(wanted.ports, listener.port) > 0;
        });
    };
    for (Name& name : names_) std::erase_if(name.listeners, [&](const Listener& l) { return !stays(name, l); });
    for (const wire::EgressName& name : egress.names)
        if (const char* refusal = add(name)) return refusal;
    if (egress.names.empty() && !egress.proxies)
        proxies_.reset();
    else if (!proxies_)
        proxies_ = listen_at(loopback, proxy_port);
    told_.clear();  // what was refused may not be any more
    return nullptr;
}

const char* Egress::add(const wire::EgressName& wanted)
{
    if (wanted.host.empty() || wanted.host.size() > wire::max_host_bytes) return "unsound name";
    Name* name = find_name(wanted.host);
    if (!name) name = &new_name(wanted.host);
    for (const std::uint32_t port : wanted.ports) {
        if (port == 0 || port > last_port) return "port out of range";
        const auto number = static_cast<std::uint16_t>(port);
        if (std::ranges::count(name->listeners, number, &Listener::port) == 0)
            name->listeners.push_back({number, Descriptor()});
    }
    if (name->asked) listen(*name);
    return nullptr;
}

/// A name keeps its address when it is not allowed any more, as long as there is room.
Egress::Name& Egress::new_name(const std::string& host)
{
    if (names_.size() < most_names)
        return names_.emplace_back(Name{.host = host, .address = address_of(names_.size() + 1), .listeners = {}});
    const auto given_up = std::ranges::find_if(names_, [](const Name& name) { return name.listeners.empty(); });
    std::rotate(given_up, given_up + 1, names_.end());
    names_.back().host = host;
    names_.back().asked = false;
    return names_.back();
}

Egress::Name* Egress::find_name(std::string_view host)
{
    const auto at = std::ranges::find(names_, host, &Name::host);
    return at == names_.end() ? nullptr : &*at;
}

/// Not before a program asks for the name: until then its ports are free for servers of the programs' own.
void Egress::listen(Name& name)
{
    name.asked = true;
    for (Listener& listener : name.listeners)
        if (!listener.fd) listener.fd = listen_at(name.address, listener.port);
}

std::optional<Ipv4> Egress::find(std::string_view host)
{
    Name* name = find_name(host);
    if (!name || name->listeners.empty()) return std::nullopt;
    listen(*name);
    return name->address;
}

void Egress::on_refused(std::string_view name)
{
    const bool is_full = told_.size() >= wire::max_refused_names || unsolicited_ >= max_unsolicited_per_second;
    if (!uplink_ || name.empty() || is_full || std::ranges::count(told_, name) > 0) return;
    ++unsolicited_;
    told_.emplace_back(name);
    uplink_->send(Type::name_refused, 0, wire::NameRefused{std::string(name)});
}

void Egress::attach(Uplink& uplink)
{
    detach();
    uplink_ = &uplink;
    last_stream_ = 0;
    told_.clear();
}

void Egress::detach()
{
    for (const auto& tunnel : tunnels_) tunnel->abandon();
    uplink_ = nullptr;
}

bool Egress::may_accept() const
{
    return tunnels_.size() < wire::max_proxies && unsolicited_ < max_unsolicited_per_second;
}

void Egress::collect(PollSet& set)
{
    for (const auto& tunnel : tunnels_) tunnel->collect(set);
    if (!may_accept()) return;
    if (proxies_) set.add(proxies_.get(), POLLIN, *this);
    for (const Name& name : names_)
        for (const Listener& listener : name.listeners)
            if (listener.fd) set.add(listener.fd.get(), POLLIN, *this);
}

void Egress::on_ready(int fd, short)
{
    if (may_accept()) accept(fd);
}

Egress::Listener* Egress::listener_of(int fd, const Name*& name)
{
    for (Name& each : names_) {
        const auto at = std::ranges::find_if(each.listeners, [&](const Listener& l) { return l.fd.get() == fd; });
        if (at == each.listeners.end()) continue;
        name = &each;
        return &*at;
    }
    return nullptr;
}

void Egress::accept(int fd)
{
    const Name* name = nullptr;
    const Listener* listener = listener_of(fd, name);
    if (!listener && fd != proxies_.get()) return;  // closed in this very round
    Descriptor socket(accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    ++unsolicited_;
    if (!uplink_) return make_abrupt(socket.get());
    StreamSource& source = *this;
    tunnels_.push_back(listener ? std::make_unique<Tunnel>(source, std::move(socket), name->host, listener->port)
                                : std::make_unique<Tunnel>(source, std::move(socket)));
}

void Egress::settle()
{
    if (Clock::now() - second_ >= 1s) {
        second_ = Clock::now();
        unsolicited_ = 0;
    }
    for (const auto& tunnel : tunnels_) tunnel->settle();
    std::erase_if(tunnels_, [](const auto& tunnel) { return tunnel->is_over(); });
}

TimePoint Egress::next_deadline(TimePoint otherwise) const
{
    TimePoint next = otherwise;
    if (unsolicited_ >= max_unsolicited_per_second) next = std::min(next, second_ + 1s);
    for (const auto& tunnel : tunnels_) next = std::min(next, tunnel->deadline().value_or(next));
    return next;
}

StreamId Egress::ask(const std::string& host, std::uint16_t port)
{
    last_stream_ += 2;
    uplink_->send(Type::proxy, last_stream_, wire::Proxy{.host = host, .port = port});
    return last_stream_;
}

Tunnel* Egress::find_tunnel(StreamId stream)
{
    const auto at = std::ranges::find(tunnels_, stream, [](const auto& tunnel) { return tunnel->stream(); });
    return at == tunnels_.end() ? nullptr : at->get();
}

const char* Egress::on_control(const wire::Header& header, std::string_view json)
{
    wire::Nothing nothing;
    wire::Credit credit;
    wire::Failure failure;
    if (header.stream > last_stream_) return "frame for a stream that was never opened";
    Tunnel* tunnel = find_tunnel(header.stream);
    switch (header.type) {
        case Type::opened:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            return tunnel ? tunnel->on_opened() : nullptr;
        case Type::error:
            if (const char* refusal = wire::decode(json, failure)) return refusal;
            return tunnel ? tunnel->on_refused(failure) : nullptr;
        case Type::eof:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            return tunnel ? tunnel->on_eof(header.channel) : nullptr;
        case Type::credit:
            if (const char* refusal = wire::decode(json, credit)) return refusal;
            return tunnel ? tunnel->on_credit(header.channel, credit.bytes) : nullptr;
        case Type::close:
            if (const char* refusal = wire::decode(json, nothing)) return refusal;
            if (tunnel) tunnel->on_close();
            return nullptr;
        default:
            return "stream number out of order";
    }
}

const char* Egress::on_bytes(const wire::Header& header, std::span<const char> piece)
{
    if (header.stream > last_stream_) return "data for a stream that was never opened";
    Tunnel* tunnel = find_tunnel(header.stream);
    return tunnel ? tunnel->on_data(header.channel, piece) : nullptr;
}

}  // namespace sbx::agent
