#pragma once

#include "daemon/api/schema.hpp"

#include <string>

namespace sbx::daemon {

/// Bytes in a request: a text, or `{"base64": "…"}`.
struct Content {
    std::string bytes;

    bool operator==(const Content&) const = default;
};

void read_json(Decoder& decoder, const nlohmann::json& in, Content& out);

template <>
struct JsonForm<Content> {
    static constexpr const char* name = "Content";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(R"({"anyOf": [
            {"type": "string"},
            {"type": "object", "required": ["base64"], "properties": {"base64": {"type": "string"}}}
        ]})");
    }
    static nlohmann::ordered_json write(const Content& content) { return content.bytes; }
};

}  // namespace sbx::daemon
