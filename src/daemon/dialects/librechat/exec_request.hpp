#pragma once

#include "daemon/interpreter/interpreter.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Arguments of code: a list of texts, or one.
struct ArgumentList {
    std::vector<std::string> texts;
};

void read_json(Decoder& decoder, const nlohmann::json& in, ArgumentList& out);

template <>
struct JsonForm<ArgumentList> {
    static constexpr const char* name = "ArgumentList";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(
            R"({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]})");
    }
    static nlohmann::ordered_json write(const ArgumentList& list) { return list.texts; }
};

/// Milliseconds as a client says them.
std::optional<std::chrono::milliseconds> time_of(std::optional<double> milliseconds);

}  // namespace sbx::daemon
