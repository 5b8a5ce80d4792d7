#include "daemon/api/request_json.hpp"

#include <fmt/format.h>

namespace sbx::daemon {

Result<nlohmann::json> query_json(const Target& target)
{
    nlohmann::json members = nlohmann::json::object();
    for (const auto& [name, value] : target.query)
        if (const bool is_new = members.emplace(name, value).second; !is_new)
            return Error(Errc::invalid_argument, fmt::format("{}: it comes more than once in the query", name));
    return members;
}

std::string dump(const nlohmann::ordered_json& json)
{
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace sbx::daemon
