#pragma once

#include "core/sandbox/output_directory.hpp"

#include <algorithm>
#include <memory>
#include <string>

namespace test {

/// An archive that comes in pieces of so many bytes.
inline sbx::ArchiveSource pieces_of(std::string archive, std::size_t size)
{
    return [archive = std::make_shared<std::string>(std::move(archive)), size, at = std::size_t{0}]() mutable {
        const std::span<const char> rest = std::span<const char>(*archive).subspan(at);
        const auto piece = rest.first(std::min(rest.size(), size));
        at += piece.size();
        return piece;
    };
}

}  // namespace test
