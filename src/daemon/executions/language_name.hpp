#pragma once

#include "daemon/api/schema.hpp"

#include <string>

namespace sbx::daemon {

/// A language in a request: one of the table's names, or of their aliases.
struct LanguageName {
    std::string text = "python";

    bool operator==(const LanguageName&) const = default;
};

void read_json(Decoder& decoder, const nlohmann::json& in, LanguageName& out);

template <>
struct JsonForm<LanguageName> {
    static constexpr const char* name = "LanguageName";
    static Schemas::Json schema(Schemas& schemas);
    static nlohmann::ordered_json write(const LanguageName& language) { return language.text; }
};

}  // namespace sbx::daemon
