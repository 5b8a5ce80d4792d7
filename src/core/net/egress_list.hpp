#pragma once

#include "sbx/egress.hpp"
#include "sbx/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// How many rules a sandbox can have.
inline constexpr std::size_t most_egress_rules = 128;

/// HOST, HOST:PORT or HOST:*. Without a port it is 80 and 443, two rules. An IPv6 address with a port stands in
/// brackets.
/// @param name  what an error blames: `--allow`
/// @error invalid_argument
Result<std::vector<EgressRule>> parse_egress_rule(std::string_view name, std::string_view text);

/// As it can be parsed again.
std::string format_egress_rule(const EgressRule& rule);

/// What programs of a sandbox may reach.
class EgressList {
   public:
    EgressList() = default;
    explicit EgressList(std::vector<EgressRule> rules);

    /// @param host  as `normal_host` gives it
    bool allows(std::string_view host, std::uint16_t port) const;

    /// Rules that are there already are no error.
    /// @error resource_exhausted  it would be too long; nothing has changed then
    Result<void> add(const std::vector<EgressRule>& rules);
    /// Takes rules away: without a port in `text` all of that host.
    /// @error not_found  there is no such rule; the hint is the rule that covers it, or how to see them
    Result<void> remove(std::string_view name, std::string_view text);
    /// Both for several, all or none of them.
    Result<void> change(std::string_view name, const std::vector<std::string>& allow,
                        const std::vector<std::string>& deny);

    const std::vector<EgressRule>& rules() const { return rules_; }
    bool empty() const { return rules_.empty(); }

   private:
    std::vector<EgressRule> rules_;
};

/// Whether a rule is met only through a proxy: what it allows has no name that could be told apart by an address.
bool needs_proxy(const EgressRule& rule);

}  // namespace sbx
