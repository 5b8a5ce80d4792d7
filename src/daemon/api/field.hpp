#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sbx::daemon {

/// What a member's type does not say. Used to check requests and to describe them.
struct Field {
    std::string_view name;
    std::string_view description = {};
    bool required = false;
    std::optional<std::int64_t> minimum = {};    ///< of a number
    std::optional<std::int64_t> maximum = {};    ///< of a number
    std::optional<std::size_t> max_length = {};  ///< of text in bytes, of a list in elements
    std::string_view example = {};               ///< as JSON
};

/// Overload it for a type, beside the type, to say more of its members: `constexpr auto fields_of(const T*)`.
constexpr std::span<const Field> fields_of(const void* /*type*/)
{
    return {};
}

/// What a member is called in JSON: behind the name of one that is a word of C++ stands an underscore.
constexpr std::string_view json_name(std::string_view member)
{
    return member.ends_with('_') ? member.substr(0, member.size() - 1) : member;
}

template <class T>
const Field* field_of(std::string_view name)
{
    static constexpr auto fields = fields_of(static_cast<const T*>(nullptr));
    for (const Field& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

}  // namespace sbx::daemon
