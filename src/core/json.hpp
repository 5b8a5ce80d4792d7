#pragma once

#include "sbx/result.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

namespace sbx {

template <class T>
concept DescribedStruct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public>;

/// The one place where a JSON exception becomes an Error.
template <class T>
Result<T> parse_as(std::string_view text)
try {
    return nlohmann::json::parse(text).get<T>();
} catch (const nlohmann::json::exception& e) {
    return Error(Errc::invalid_argument, e.what());
}

}  // namespace sbx

namespace nlohmann {

/// Described structs: a missing key keeps its default, an unknown key is an error.
template <sbx::DescribedStruct T>
struct adl_serializer<T> {
    static void to_json(json& out, const T& value)
    {
        out = json::object();
        boost::mp11::mp_for_each<sbx::members_of<T>>([&](auto member) { out[member.name] = value.*member.pointer; });
    }

    static void from_json(const json& in, T& value)
    {
        if (!in.is_object()) throw json::type_error::create(302, "must be an object", &in);
        for (const auto& [key, unused] : in.items())
            if (!knows(key)) throw json::other_error::create(501, fmt::format("unknown key '{}'", key), &in);
        boost::mp11::mp_for_each<sbx::members_of<T>>([&](auto member) {
            if (const auto at = in.find(member.name); at != in.end()) at->get_to(value.*member.pointer);
        });
    }

   private:
    static bool knows(std::string_view key)
    {
        bool found = false;
        boost::mp11::mp_for_each<sbx::members_of<T>>([&](auto member) { found = found || key == member.name; });
        return found;
    }
};

template <sbx::DescribedEnum T>
struct adl_serializer<T> {
    static void to_json(json& out, T value) { out = boost::describe::enum_to_string(value, "?"); }

    static void from_json(const json& in, T& value)
    {
        const auto& name = in.get_ref<const std::string&>();
        if (!boost::describe::enum_from_string(name.c_str(), value))
            throw json::other_error::create(501, fmt::format("unknown value '{}'", name), &in);
    }
};

/// Times are whole milliseconds.
template <>
struct adl_serializer<std::chrono::milliseconds> {
    static void to_json(json& out, std::chrono::milliseconds value) { out = value.count(); }
    static void from_json(const json& in, std::chrono::milliseconds& value)
    {
        value = std::chrono::milliseconds(in.get<std::chrono::milliseconds::rep>());
    }
};

/// An absent value is null.
template <class T>
struct adl_serializer<std::optional<T>> {
    static void to_json(json& out, const std::optional<T>& value)
    {
        if (value)
            out = *value;
        else
            out = nullptr;
    }
    static void from_json(const json& in, std::optional<T>& value)
    {
        if (in.is_null())
            value.reset();
        else
            value = in.get<T>();
    }
};

}  // namespace nlohmann
