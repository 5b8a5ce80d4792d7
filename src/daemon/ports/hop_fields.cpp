#include "daemon/ports/hop_fields.hpp"

#include "daemon/http/ascii.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon {
namespace {

constexpr std::array<std::string_view, 8> always = {"connection", "expect",  "http2-settings",    "keep-alive",
                                                    "te",         "trailer", "transfer-encoding", "upgrade"};
constexpr std::string_view of_proxies = "proxy-";

std::string in_lower_case(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

}  // namespace

HopFields::HopFields(const http::fields& fields)
{
    const auto [first, last] = fields.equal_range(http::field::connection);
    std::for_each(first, last, [&](const auto& field) {
        std::string_view rest(field.value().data(), field.value().size());
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            named_.insert(in_lower_case(trimmed(rest.substr(0, comma))));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    });
}

bool HopFields::contains(std::string_view name) const
{
    const std::string lowered = in_lower_case(name);
    return lowered.starts_with(of_proxies) || std::find(always.begin(), always.end(), lowered) != always.end() ||
           named_.contains(lowered);
}

}  // namespace sbx::daemon
