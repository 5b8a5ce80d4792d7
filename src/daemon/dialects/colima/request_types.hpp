#pragma once

#include "daemon/api/schema.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace sbx::daemon::colima {

/// A path in a sandbox: absolute, `.` and `..` resolved as text. What it reaches is decided there.
struct PathInSandbox {
    std::string text;

    bool operator==(const PathInSandbox&) const = default;
};

/// Environment variables.
struct Variables {
    std::map<std::string, std::string> texts;

    bool operator==(const Variables&) const = default;
};

/// What a client notes with its sandbox.
struct Metadata {
    std::map<std::string, std::string> texts;

    bool operator==(const Metadata&) const = default;
};

/// A command's time limit in seconds, of which there may be fractions; none: null.
struct TimeLimit {
    std::optional<std::chrono::milliseconds> time = std::chrono::seconds(60);

    bool operator==(const TimeLimit&) const = default;
};

/// How a text of JSON stands for a file's bytes.
struct Encoding {
    bool is_base64 = false;

    bool operator==(const Encoding&) const = default;
};

void read_json(Decoder& decoder, const nlohmann::json& in, PathInSandbox& out);
void read_json(Decoder& decoder, const nlohmann::json& in, Encoding& out);
void read_json(Decoder& decoder, const nlohmann::json& in, Variables& out);
void read_json(Decoder& decoder, const nlohmann::json& in, Metadata& out);
void read_json(Decoder& decoder, const nlohmann::json& in, TimeLimit& out);

}  // namespace sbx::daemon::colima

namespace sbx::daemon {

template <>
struct JsonForm<colima::PathInSandbox> {
    static constexpr const char* name = "PathInSandbox";
    static Schemas::Json schema(Schemas& /*schemas*/) { return {{"type", "string"}, {"title", name}}; }
    static nlohmann::ordered_json write(const colima::PathInSandbox& path) { return path.text; }
};

template <>
struct JsonForm<colima::Variables> {
    static constexpr const char* name = "Variables";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return {{"type", "object"}, {"title", name}, {"additionalProperties", {{"type", "string"}}}};
    }
    static nlohmann::ordered_json write(const colima::Variables& variables) { return variables.texts; }
};

template <>
struct JsonForm<colima::Metadata> {
    static constexpr const char* name = "Metadata";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return {{"type", "object"}, {"title", name}, {"additionalProperties", {{"type", "string"}}}};
    }
    static nlohmann::ordered_json write(const colima::Metadata& metadata) { return metadata.texts; }
};

template <>
struct JsonForm<colima::Encoding> {
    static constexpr const char* name = "Encoding";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return {{"type", "string"}, {"title", name}, {"enum", {"utf-8", "base64"}}};
    }
    static nlohmann::ordered_json write(const colima::Encoding& encoding)
    {
        return encoding.is_base64 ? "base64" : "utf-8";
    }
};

template <>
struct JsonForm<colima::TimeLimit> {
    static constexpr const char* name = "TimeLimit";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return {{"anyOf", {{{"type", "number"}, {"exclusiveMinimum", 0}}, {{"type", "null"}}}}, {"title", name}};
    }
    static nlohmann::ordered_json write(const colima::TimeLimit& limit)
    {
        if (!limit.time) return nullptr;
        return std::chrono::duration<double>(*limit.time).count();
    }
};

}  // namespace sbx::daemon
