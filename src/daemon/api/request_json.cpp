#include "daemon/api/request_json.hpp"

#include "daemon/api/strict_json.hpp"

namespace sbx::daemon {

nlohmann::json query_json(const Target& target)
{
    nlohmann::json members = nlohmann::json::object();
    for (const auto& [name, value] : target.query) members[name] = value;
    return members;
}

asio::awaitable<Result<nlohmann::json>> json_body(Exchange& exchange, std::size_t limit)
{
    const Result<std::string> text = co_await exchange.body(limit);
    if (!text) co_return text.error();
    if (text->empty()) co_return nlohmann::json::object();
    co_return parse_strict_json(*text);
}

std::string dump(const nlohmann::ordered_json& json)
{
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sbx::daemon
