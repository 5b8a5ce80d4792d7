#include "daemon/access/key_access.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

/// The same for a missing, a malformed and a wrong key.
Error refused()
{
    return {Errc::unauthenticated, "a key is needed", "Authorization: Bearer KEY"};
}

}  // namespace

/// The bearer, unless there is another key, and the bearer is none of ours: it may be for a program in a sandbox.
std::string shown_key(const http::fields& fields)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string_view authorization = fields[http::field::authorization];
    const std::string_view other = fields["X-API-Key"];
    std::string_view bearer;
    if (authorization.size() > scheme.size() && boost::beast::iequals(authorization.substr(0, scheme.size()), scheme))
        bearer = authorization.substr(scheme.size());
    return std::string(other.empty() || bearer.starts_with("sbx_") ? bearer : other);
}

asio::awaitable<Result<Caller>> KeyAccess::identify(const RequestHead& head)
{
    Caller caller;
    if (head.peer.kind == Peer::Kind::owner) {
        caller.is_operator = true;
        co_return caller;
    }
    const std::optional<ApiKey> key = co_await store_.find_key(shown_key(head.fields));
    if (key) {
        caller.key = key->id;
        co_return caller;
    }
    if (!store_.requires_key() && head.peer.kind == Peer::Kind::loopback) co_return caller;
    const auto now = std::chrono::steady_clock::now();
    if (failures_.is_blocked(head.peer.address, now))
        co_return Error(Errc::resource_exhausted, "too many wrong keys came from this address", "wait a minute");
    failures_.note(head.peer.address, now);
    co_return refused();
}

asio::awaitable<std::optional<Caller>> KeyAccess::recognize(const RequestHead& head)
{
    const bool shows_nothing = head.peer.kind != Peer::Kind::owner && shown_key(head.fields).empty();
    if (shows_nothing && store_.requires_key()) co_return std::nullopt;
    Result<Caller> caller = co_await identify(head);
    if (!caller) co_return std::nullopt;
    co_return std::move(*caller);
}

bool KeyAccess::still_counts(const std::string& key) const
{
    return std::ranges::any_of(store_.keys().keys(),
                               [&](const ApiKey& known) { return known.id == key && !known.revoked; });
}

}  // namespace sbx::daemon
