#pragma once

#include "core/sandbox/agent_link.hpp"

#include <string>
#include <vector>

namespace sbx {

/// The name below /tmp of what a compile command makes (a file, or a directory of them); empty where it names nothing
/// there. Every language's product moves: it names nothing by where it was made but /work and /tmp.
std::string product_name(const std::vector<std::string>& compile);

/// An archive of it, for another sandbox's /tmp.
/// @error not_found    there is none
/// @error too_large    more than 64 MiB
/// @error unavailable  the link ended first
asio::awaitable<Result<std::string>> fetch_product(AgentLink& link, std::string name);

}  // namespace sbx
