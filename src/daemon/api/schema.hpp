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

    // What does not depend on the type stands once, as there are hundreds of types.
    static Json simple(const char* type);
    static Json reference(const std::string& name);
    static Json nullable(Json schema);
    static Json list_of(Json items);
    static Json map_of(Json values);
    static Json words(std::vector<std::string> names);
    static Json milliseconds();
    static Json begin_object(const std::string& name);
    /// @param fallback  what counts where it is absent; null: nothing that a schema says
    static void add_property(Json& object, const std::string& name, Json schema, Json fallback, const Field* field,
                             bool is_list);
    template <class T>
    static Json fallback_of(const T& value);

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
        return reference(JsonForm<T>::name);
    } else if constexpr (std::is_same_v<T, bool>) {
        return simple("boolean");
    } else if constexpr (std::is_integral_v<T>) {
        return simple("integer");
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
        return milliseconds();
    } else if constexpr (std::is_floating_point_v<T>) {
        return simple("number");
    } else if constexpr (std::is_same_v<T, std::string>) {
        return simple("string");
    } else if constexpr (is_optional<T>) {
        return nullable(of<typename T::value_type>());
    } else if constexpr (is_list<T>) {
        return list_of(of<typename T::value_type>());
    } else if constexpr (is_map<T>) {
        return map_of(of<typename T::mapped_type>());
    } else if constexpr (DescribedEnum<T>) {
        std::vector<std::string> names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
            [&](auto enumerator) { names.emplace_back(enumerator.name); });
        return words(std::move(names));
    } else if constexpr (DescribedStruct<T>) {
        const std::string name = plain_name<T>();
        if (!named_.contains(name)) {
            named_[name] = Json::object();
            named_[name] = object<T>();
        }
        return reference(name);
    } else {
        return Json::object();  // any value
    }
}

template <DescribedStruct T>
Schemas::Json Schemas::object()
{
    const T fallback{};
    Json object = begin_object(plain_name<T>());
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(fallback.*member.pointer)>;
        const std::string name(json_name(member.name));
        add_property(object, name, of<Member>(), fallback_of(fallback.*member.pointer), field_of<T>(name),
                     is_list<Member>);
    });
    return object;
}

template <class T>
Schemas::Json Schemas::fallback_of(const T& value)
{
    if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>)
        return Json(value);
    else if constexpr (DescribedEnum<T>)
        return Json(boost::describe::enum_to_string(value, "?"));
    else if constexpr (std::is_same_v<T, std::chrono::milliseconds>)
        return Json(value.count());
    else
        return Json();
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
