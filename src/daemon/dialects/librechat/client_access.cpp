#include "daemon/dialects/librechat/client_access.hpp"

#include <fmt/format.h>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>

namespace sbx::daemon::librechat {
namespace {

std::string bearer_of(const http::fields& fields)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string_view text = fields[http::field::authorization];
    const bool is_bearer = text.size() > scheme.size() && boost::beast::iequals(text.substr(0, scheme.size()), scheme);
    return std::string(is_bearer ? text.substr(scheme.size()) : std::string_view());
}

}  // namespace

Result<void> AccessOptions::check_for_others() const
{
    if (!needs_key && !is_open_to_others)
        return Error(Errc::permission_denied, "CI_AUTH=none, and others can reach the daemon",
                     "CI_AUTH_ANYWHERE=true, if that is a network of yours alone");
    if (needs_key && std::ranges::find(keys, usual_key) != keys.end())
        return Error(Errc::permission_denied,
                     fmt::format("CI_API_KEY is {}, which everybody knows, and others can reach the daemon", usual_key),
                     "CI_API_KEY=\"$(openssl rand -hex 32)\"");
    return {};
}

ClientAccess::ClientAccess(Store& store, AccessOptions options) : store_(store), options_(std::move(options))
{
    for (const std::string& key : options_.keys) keys_.push_back(digest_of(key));
}

/// Digests are compared, so that the time taken tells nothing of a key.
bool ClientAccess::is_key(const std::string& shown) const
{
    return !shown.empty() && std::ranges::find(keys_, digest_of(shown)) != keys_.end();
}

asio::awaitable<std::optional<Caller>> ClientAccess::recognize(const RequestHead& head)
{
    Caller caller;
    if (head.peer.kind == Peer::Kind::owner) {
        caller.is_operator = true;
        co_return caller;
    }
    const std::string key(std::string_view(head.fields["X-API-Key"]));
    const std::string bearer = bearer_of(head.fields);
    if (is_key(key) || is_key(bearer)) co_return caller;
    const std::array shown_keys{key, bearer};
    for (const std::string& shown : shown_keys) {
        if (shown.empty()) continue;
        const std::optional<ApiKey> known = co_await store_.find_key(shown);
        if (!known) continue;
        caller.key = known->id;
        co_return caller;
    }
    if (options_.tokens && !bearer.empty()) {
        Result<TokenIdentity> identity = verify(*options_.tokens, bearer, std::chrono::system_clock::now());
        if (identity) {
            caller.tenant = std::move(identity->tenant);
            caller.subject = std::move(identity->subject);
            co_return caller;
        }
    }
    if (options_.needs_key) co_return std::nullopt;
    co_return caller;
}

asio::awaitable<Result<Caller>> ClientAccess::identify(const RequestHead& head)
{
    std::optional<Caller> caller = co_await recognize(head);
    if (caller) co_return std::move(*caller);
    const auto now = std::chrono::steady_clock::now();
    if (failures_.is_blocked(head.peer.address, now))
        co_return Error(Errc::resource_exhausted, "too many wrong keys came from this address");
    failures_.note(head.peer.address, now);
    co_return Error(Errc::unauthenticated, "Unauthorized");
}

}  // namespace sbx::daemon::librechat
