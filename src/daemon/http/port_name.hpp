#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// A port inside a sandbox, as a request names it.
struct PortName {
    std::uint16_t port = 0;  ///< not 0
    std::string sandbox;     ///< its id: whether there is one is another question

    bool operator==(const PortName&) const = default;
};

/// Reads `<port>-<id>.<domain>`, in any case.
/// @param name     of a Host, without the port that may follow
/// @param domains  that are served
/// @return nothing where it is another name: a number with a zero before it is one too, so that a port has one origin
std::optional<PortName> read_port_name(std::string_view name, const std::vector<std::string>& domains);

}  // namespace sbx::daemon
