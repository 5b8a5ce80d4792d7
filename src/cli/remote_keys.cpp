#include "cli/remote_keys.hpp"

#include "cli/remote.hpp"
#include "core/docker/reply.hpp"
#include "core/docker/time.hpp"
#include "core/sandbox/sandbox_record.hpp"

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;
using docker::http::verb;
using nlohmann::json;

constexpr auto patience = 30s;
constexpr const char* route = "/v1/keys";

template <class T>
std::optional<T> optional_member(const json& object, const char* name)
{
    const json& value = object.at(name);
    return value.is_null() ? std::nullopt : std::optional(value.get<T>());
}

std::string printable_member(const json& object, const char* name)
{
    return docker::printable(optional_member<std::string>(object, name).value_or(""));
}

std::optional<std::chrono::milliseconds> time_member(const json& object, const char* name)
{
    const auto text = optional_member<std::string>(object, name);
    if (!text) return std::nullopt;
    return std::chrono::round<std::chrono::milliseconds>(docker::parse_time(*text).time_since_epoch());
}

/// @throws json::exception  it has another form
ApiKey key_of(const json& view)
{
    ApiKey key;
    key.id = printable_member(view, "id");
    key.name = printable_member(view, "name");
    key.quota.max_sandboxes = optional_member<std::uint32_t>(view, "max_sandboxes");
    key.quota.max_concurrent = optional_member<std::uint32_t>(view, "max_concurrent");
    key.created = time_member(view, "created").value_or(0ms);
    key.last_used = time_member(view, "last_used");
    key.revoked = time_member(view, "revoked");
    return key;
}

}  // namespace

Result<NewApiKey> create_remote_key(const Context& context, const std::string& name, const KeyQuota& quota)
try {
    json wanted = json::object();
    if (!name.empty()) wanted["name"] = name;
    if (quota.max_sandboxes) wanted["max_sandboxes"] = *quota.max_sandboxes;
    if (quota.max_concurrent) wanted["max_concurrent"] = *quota.max_concurrent;
    const Result<json> answer = call_daemon(context, verb::post, route, std::move(wanted), patience);
    if (!answer) return answer.error();
    return NewApiKey(key_of(answer->at("key")), printable_member(*answer, "secret"));
} catch (const json::exception&) {
    return unknown_answer();
}

Result<std::vector<ApiKey>> list_remote_keys(const Context& context)
try {
    std::vector<ApiKey> keys;
    const std::string page = std::string(route) + "?limit=1000";
    for (std::string next = page;;) {
        const Result<json> answer = call_daemon(context, verb::get, next, json(), patience);
        if (!answer) return answer.error();
        for (const json& view : answer->at("keys")) keys.push_back(key_of(view));
        const auto cursor = optional_member<std::string>(*answer, "next");
        if (!cursor) return keys;
        if (!is_sandbox_name(*cursor)) return unknown_answer();
        next = page + "&cursor=" + *cursor;
    }
} catch (const json::exception&) {
    return unknown_answer();
}

Result<ApiKey> revoke_remote_key(const Context& context, const std::string& id_or_name)
try {
    // Whatever else could be typed would mean something in a path.
    if (!is_sandbox_name(id_or_name))
        return Error(Errc::not_found, fmt::format("no such key: {}", id_or_name), "sbx key ls");
    const Result<json> answer =
        call_daemon(context, verb::delete_, fmt::format("{}/{}", route, id_or_name), json(), patience);
    if (!answer) return answer.error();
    return key_of(*answer);
} catch (const json::exception&) {
    return unknown_answer();
}

}  // namespace sbx::cli
