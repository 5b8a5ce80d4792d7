#pragma once

#include "daemon/api/schema.hpp"

#include <string>

namespace sbx::daemon {

/// A library in a request, with its version or without: what some package index may be asked for.
struct LibraryName {
    std::string text;

    bool operator==(const LibraryName&) const = default;
};

void read_json(Decoder& decoder, const nlohmann::json& in, LibraryName& out);

template <>
struct JsonForm<LibraryName> {
    static constexpr const char* name = "LibraryName";
    static Schemas::Json schema(Schemas& schemas);
    static nlohmann::ordered_json write(const LibraryName& library) { return library.text; }
};

}  // namespace sbx::daemon
