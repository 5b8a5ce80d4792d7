#pragma once

#include "cli/session_input.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace sbx::cli {

/// A terminal's answer to the query for its primary device attributes, among keys that were pressed.
struct DeviceAttributes {
    std::size_t begin = 0;
    std::size_t count = 0;  ///< of bytes
    bool sixel = false;     ///< whether it draws pictures so
};

/// @source ECMA-48, DA; xterm control sequences: CSI ? class ; attribute ; … c, of which 4 is sixel
std::optional<DeviceAttributes> find_device_attributes(std::string_view keys);

/// Asks the terminal on stdin and stdout. Keys that are pressed meanwhile stay in the input.
/// @return false too where it does not answer
asio::awaitable<bool> draws_sixel(SessionInput& input);

}  // namespace sbx::cli
