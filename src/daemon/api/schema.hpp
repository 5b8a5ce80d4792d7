#pragma once

#include "core/json.hpp"
#include "daemon/api/decode.hpp"
#include "daemon/api/field.hpp"

#include <boost/core/type_name.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace sbx::daemon {

/// JSON Schemas of the types that an API speaks of: those of described structs stand once, by name.
/// @source JSON Schema 2020-12, as OpenAPI 3.1 uses it
class Schemas {
   public:
    using Json = nlohmann::ordered_json;

    /// The schema of a type, or a reference to it.
    template <class T>
    Json of();

    /// All that were referred to, by name.
    const Json& named() const { return named_; }

   private:
    template <DescribedStruct T>
    Json object();
    template <class T>
    static void add_field(Json& schema, const T& fallback, const Field* field);

    Json named_ = Json::object();
};

/// A type whose JSON is not that of its members says so itself: specialise with `static Schemas::Json
/// schema(Schemas&)`, `static constexpr const char* name` and `static nlohmann::ordered_json write(const T&)`.
template <class T>
struct JsonForm;

template <class T>
concept HasJsonForm = requires { JsonForm<T>::name; };

/// `ExecuteRequest` of `sbx::daemon::native::ExecuteRequest`.
template <class T>
std::string plain_name()
{
    const std::string whole = boost::core::type_name<T>();
    return whole.substr(whole.rfind(':') + 1);
}

template <class T>
Schemas::Json Schemas::of()
{
    if constexpr (HasJsonForm<T>) {
        if (!named_.contains(JsonForm<T>::name)) {
            named_[JsonForm<T>::name] = Json::object();  // it may refer to itself
            named_[JsonForm<T>::name] = JsonForm<T>::schema(*this);
        }
        return {{"$ref", std::string("#/components/schemas/") + JsonForm<T>::name}};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        return {{"type", "integer"}};
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
        return {{"type", "integer"}, {"minimum", 0}};
    } else if constexpr (std::is_floating_point_v<T>) {
        return {{"type", "number"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return {{"type", "string"}};
    } else if constexpr (is_optional<T>) {
        return {{"anyOf", Json::array({of<typename T::value_type>(), Json{{"type", "null"}}})}};
    } else if constexpr (is_list<T>) {
        return {{"type", "array"}, {"items", of<typename T::value_type>()}};
    } else if constexpr (is_map<T>) {
        return {{"type", "object"}, {"additionalProperties", of<typename T::mapped_type>()}};
    } else if constexpr (DescribedEnum<T>) {
        Json names = Json::array();
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
            [&](auto enumerator) { names.push_back(enumerator.name); });
        return {{"type", "string"}, {"enum", std::move(names)}};
    } else if constexpr (DescribedStruct<T>) {
        const std::string name = plain_name<T>();
        if (!named_.contains(name)) {
            named_[name] = Json::object();
            named_[name] = object<T>();
        }
        return {{"$ref", "#/components/schemas/" + name}};
    } else {
        return Json::object();  // any value
    }
}

template <DescribedStruct T>
Schemas::Json Schemas::object()
{
    const T fallback{};
    Json properties = Json::object();
    Json required = Json::array();
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(fallback.*member.pointer)>;
        const std::string name(json_name(member.name));
        const Field* field = field_of<T>(name);
        Json schema = of<Member>();
        add_field(schema, fallback.*member.pointer, field);
        properties[name] = std::move(schema);
        if (field && field->required) required.push_back(name);
    });
    Json schema{{"type", "object"}, {"title", plain_name<T>()}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

template <class T>
void Schemas::add_field(Json& schema, const T& fallback, const Field* field)
{
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || DescribedEnum<T> ||
                  std::is_same_v<T, std::chrono::milliseconds>)
        if (!field || !field->required) schema["default"] = Json(nlohmann::json(fallback));
    if (!field) return;
    if (!field->description.empty()) schema["description"] = field->description;
    if (field->minimum) schema["minimum"] = *field->minimum;
    if (field->maximum) schema["maximum"] = *field->maximum;
    if (field->max_length) schema[is_list<T> ? "maxItems" : "maxLength"] = *field->max_length;
    if (!field->example.empty()) schema["examples"] = Json::array({Json::parse(field->example)});
}

/// The JSON of an answer.
template <class T>
nlohmann::ordered_json json_of(const T& value)
{
    if constexpr (HasJsonForm<T>) {
        return JsonForm<T>::write(value);
    } else if constexpr (is_optional<T>) {
        return value ? json_of(*value) : nlohmann::ordered_json();
    } else if constexpr (is_list<T>) {
        nlohmann::ordered_json all = nlohmann::ordered_json::array();
        for (const auto& item : value) all.push_back(json_of(item));
        return all;
    } else if constexpr (is_map<T>) {
        nlohmann::ordered_json all = nlohmann::ordered_json::object();
        for (const auto& [key, item] : value) all[key] = json_of(item);
        return all;
    } else if constexpr (DescribedEnum<T>) {
        return boost::describe::enum_to_string(value, "?");
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
        return value.count();
    } else if constexpr (DescribedStruct<T>) {
        nlohmann::ordered_json all = nlohmann::ordered_json::object();
        boost::mp11::mp_for_each<members_of<T>>(
            [&](auto member) { all[std::string(json_name(member.name))] = json_of(value.*member.pointer); });
        return all;
    } else {
        return value;
    }
}

}  // namespace sbx::daemon
