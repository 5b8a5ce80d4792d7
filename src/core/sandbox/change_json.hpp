#pragma once

#include "core/sandbox/record_json.hpp"
#include "core/wire/messages.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>

namespace sbx {

/// What happened in a directory that is watched.
inline const char* name_of(wire::ChangeKind kind)
{
    constexpr std::array names{"created", "written", "removed", "renamed", "attributes", "overflow"};
    return names.at(static_cast<std::size_t>(kind));
}

/// `{"type": "change", "change", "path"}`; the path, below what is watched, is null for an overflow.
inline nlohmann::ordered_json change_json(const wire::Changed& change)
{
    nlohmann::ordered_json event;
    event["type"] = "change";
    event["change"] = name_of(change.kind);
    event["path"] = nullptr;
    if (change.kind != wire::ChangeKind::overflow) put_bytes(event, "path", change.path);
    return event;
}

}  // namespace sbx
