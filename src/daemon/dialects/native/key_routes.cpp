#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/times.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon::native {
// Types that requests and answers are made of: they have names for templates of other files.

struct CreateKey {
    std::string name;
    std::optional<std::uint32_t> max_sandboxes;
    std::optional<std::uint32_t> max_concurrent;
};
BOOST_DESCRIBE_STRUCT(CreateKey, (), (name, max_sandboxes, max_concurrent))

constexpr auto fields_of(const CreateKey* /*type*/)
{
    return std::to_array<Field>({
        {.name = "name",
         .description = "What it is called: letters, digits, '.', '_', '-'",
         .max_length = 64,
         .example = R"("ci")"},
        {.name = "max_sandboxes", .description = "Sandboxes that it may have, instead of the daemon's own number"},
        {.name = "max_concurrent", .description = "One-off executions that it may have at a time, likewise"},
    });
}

struct ListKeys {
    std::string cursor;
    std::uint32_t limit = 50;
};
BOOST_DESCRIBE_STRUCT(ListKeys, (), (cursor, limit))

constexpr auto fields_of(const ListKeys* /*type*/)
{
    return std::to_array<Field>({
        {.name = "cursor", .description = "`next` of the page before", .max_length = 128},
        {.name = "limit", .description = "How many a page has at most", .minimum = 1, .maximum = 1000},
    });
}

struct KeyRequest {
    std::string key;
};
BOOST_DESCRIBE_STRUCT(KeyRequest, (), (key))

constexpr auto fields_of(const KeyRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "key", .description = "Its id, or a name that no other key has which counts", .required = true},
    });
}

/// A key without its secret.
struct KeyView {
    std::string id;
    std::optional<std::string> name;
    std::optional<std::uint32_t> max_sandboxes;
    std::optional<std::uint32_t> max_concurrent;
    std::string created;
    std::optional<std::string> last_used;
    std::optional<std::string> revoked;
};
BOOST_DESCRIBE_STRUCT(KeyView, (), (id, name, max_sandboxes, max_concurrent, created, last_used, revoked))

/// A key that was just made.
struct MadeKey {
    std::string secret;  ///< this once
    KeyView key;
};
BOOST_DESCRIBE_STRUCT(MadeKey, (), (secret, key))

struct KeyList {
    std::vector<KeyView> keys;
    std::optional<std::string> next;  ///< cursor of the next page
};
BOOST_DESCRIBE_STRUCT(KeyList, (), (keys, next))

namespace {

KeyView view_of(const ApiKey& key)
{
    KeyView view;
    view.id = key.id;
    if (!key.name.empty()) view.name = key.name;
    view.max_sandboxes = key.quota.max_sandboxes;
    view.max_concurrent = key.quota.max_concurrent;
    view.created = time_text(key.created);
    view.last_used = time_text(key.last_used);
    view.revoked = time_text(key.revoked);
    return view;
}

/// Who has a key must not make others, and a page or another user that reaches a port without a key even less.
Result<void> check_operator(const Caller& caller)
{
    if (caller.is_operator) return {};
    return Error(Errc::permission_denied, "keys are the operator's: ask on the daemon's Unix socket", "sbx key");
}

/// Keys over HTTP.
class KeyRoutes {
   public:
    explicit KeyRoutes(Services& services) : services_(services) {}

    asio::awaitable<Result<MadeKey>> create(Call& call, CreateKey request) const
    {
        if (const auto allowed = check_operator(call.caller); !allowed) co_return allowed.error();
        KeyQuota quota;
        quota.max_sandboxes = request.max_sandboxes;
        quota.max_concurrent = request.max_concurrent;
        Result<NewApiKey> created = co_await services_.store.create_key(std::move(request.name), quota);
        if (!created) co_return created.error();
        MadeKey made;
        made.secret = std::move(created->secret);
        made.key = view_of(created->key);
        co_return made;
    }

    asio::awaitable<Result<KeyList>> list(Call& call, ListKeys request) const
    {
        if (const auto allowed = check_operator(call.caller); !allowed) co_return allowed.error();
        const Result<std::vector<ApiKey>> all = co_await services_.store.list_keys();
        if (!all) co_return all.error();
        auto at = all->begin();
        if (!request.cursor.empty()) {  // the last key of the page before: none is ever forgotten
            at = std::ranges::find(*all, request.cursor, &ApiKey::id);
            if (at == all->end()) co_return Error(Errc::invalid_argument, "no cursor that a list has given");
            ++at;
        }
        KeyList list;
        for (; at != all->end() && list.keys.size() < request.limit; ++at) list.keys.push_back(view_of(*at));
        if (at != all->end()) list.next = list.keys.back().id;
        co_return list;
    }

    asio::awaitable<Result<KeyView>> revoke(Call& call, KeyRequest request) const
    {
        if (const auto allowed = check_operator(call.caller); !allowed) co_return allowed.error();
        const Result<ApiKey> revoked = co_await services_.store.revoke_key(std::move(request.key));
        if (!revoked) co_return revoked.error();
        co_return view_of(*revoked);
    }

   private:
    Services& services_;
};

}  // namespace

void add_key_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<KeyRoutes>(services);
    routes.add<ListKeys, KeyList>(
        http::verb::get, "/v1/keys",
        {.summary = "List the keys, revoked ones too, oldest first",
         .tag = "keys",
         .description = "These routes are the operator's, on the daemon's Unix socket.",
         .errors = {Errc::permission_denied, Errc::unavailable}},
        [subject](Call& call, ListKeys request) { return subject->list(call, std::move(request)); });
    routes.add<CreateKey, MadeKey>(
        http::verb::post, "/v1/keys",
        {.summary = "Make a key",
         .tag = "keys",
         .description = "Its secret is in this answer alone. From the first key on, every caller must show one.",
         .errors = {Errc::permission_denied, Errc::unavailable},
         .status = 201},
        [subject](Call& call, CreateKey request) { return subject->create(call, std::move(request)); });
    routes.add<KeyRequest, KeyView>(
        http::verb::delete_, "/v1/keys/{key}",
        {.summary = "Let a key open nothing any more",
         .tag = "keys",
         .description = "It counts from the next request on. What the key made stays where it is.",
         .errors = {Errc::permission_denied, Errc::not_found, Errc::conflict, Errc::unavailable}},
        [subject](Call& call, KeyRequest request) { return subject->revoke(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
