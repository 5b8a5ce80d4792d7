#pragma once

#include "core/json.hpp"
#include "daemon/api/field.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

/// One thing that is wrong with a request, as FastAPI's answers of status 422 have it.
struct FieldError {
    std::vector<nlohmann::json> loc;  ///< names and indexes that lead to it; the first says where: body, query, path
    std::string msg;
    std::string type;  ///< of pydantic's, a word that programs can test

    bool operator==(const FieldError&) const = default;
};

/// Reads described types out of JSON and notes everything that is wrong, not only the first.
class Decoder {
   public:
    /// What becomes of names that no member has.
    enum class Unknown { refused, ignored };

    explicit Decoder(Unknown unknown = Unknown::refused) : unknown_(unknown) {}

    const std::vector<FieldError>& errors() const { return errors_; }
    void fail(std::string msg, std::string type) { errors_.push_back({loc_, std::move(msg), std::move(type)}); }

    /// Values of a query and of a path are text: numbers in them are read.
    class Inside {
       public:
        Inside(Decoder& decoder, nlohmann::json name) : decoder_(decoder) { decoder_.loc_.push_back(std::move(name)); }
        ~Inside() { decoder_.loc_.pop_back(); }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

       private:
        Decoder& decoder_;
    };
    void take_texts(bool texts) { texts_ = texts; }

    void read(const nlohmann::json& in, std::string& out)
    {
        if (!in.is_string()) return fail("Input should be a valid string", "string_type");
        out = in.get_ref<const std::string&>();
    }
    void read(const nlohmann::json& in, bool& out);
    void read(const nlohmann::json& in, double& out);
    void read(const nlohmann::json& in, std::chrono::milliseconds& out)
    {
        std::int64_t count = out.count();
        read(in, count);
        out = std::chrono::milliseconds(count);
    }
    void read(const nlohmann::json& in, nlohmann::json& out) { out = in; }
    /// A type that reads itself: `void read_json(Decoder&, const nlohmann::json&, T&)` beside it.
    template <class T>
        requires requires(Decoder& decoder, const nlohmann::json& in, T& out) { read_json(decoder, in, out); }
    void read(const nlohmann::json& in, T& out)
    {
        read_json(*this, in, out);
    }

    template <std::integral Integer>
    void read(const nlohmann::json& in, Integer& out);
    template <class T>
    void read(const nlohmann::json& in, std::optional<T>& out);
    template <class T>
    void read(const nlohmann::json& in, std::vector<T>& out);
    template <class T>
    void read(const nlohmann::json& in, std::map<std::string, T>& out);
    template <DescribedEnum T>
    void read(const nlohmann::json& in, T& out);
    template <DescribedStruct T>
    void read(const nlohmann::json& in, T& out);

   private:
    template <DescribedStruct T>
    void refuse_unknown(const nlohmann::json& in);
    template <class T>
    void check(const T& value, const Field& field);
    void check_number(double value, const Field& field);
    void check_length(std::size_t length, std::string_view what, std::string_view type, const Field& field);

    Unknown unknown_;
    bool texts_ = false;
    std::vector<nlohmann::json> loc_;
    std::vector<FieldError> errors_;
};

template <std::integral Integer>
void Decoder::read(const nlohmann::json& in, Integer& out)
{
    if (texts_ && in.is_string()) {
        const auto& text = in.get_ref<const std::string&>();
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (failed != std::errc() || end != text.data() + text.size())
            fail("Input should be a valid integer, unable to parse string as an integer", "int_parsing");
        return;
    }
    if (!in.is_number_integer()) return fail("Input should be a valid integer", "int_type");
    const bool fits = in.is_number_unsigned() ? std::in_range<Integer>(in.get<std::uint64_t>())
                                              : std::in_range<Integer>(in.get<std::int64_t>());
    if (!fits) return fail("Input should be a valid integer of this size", "int_parsing_size");
    out = in.get<Integer>();
}

template <class T>
void Decoder::read(const nlohmann::json& in, std::optional<T>& out)
{
    if (in.is_null()) return out.reset();
    read(in, out.emplace());
}

template <class T>
void Decoder::read(const nlohmann::json& in, std::vector<T>& out)
{
    if (!in.is_array()) return fail("Input should be a valid list", "list_type");
    out.clear();
    for (std::size_t i = 0; i < in.size(); ++i) {
        const Inside inside(*this, i);
        read(in[i], out.emplace_back());
    }
}

template <class T>
void Decoder::read(const nlohmann::json& in, std::map<std::string, T>& out)
{
    if (!in.is_object()) return fail("Input should be a valid dictionary", "dict_type");
    out.clear();
    for (const auto& [key, value] : in.items()) {
        const Inside inside(*this, key);
        read(value, out[key]);
    }
}

template <DescribedEnum T>
void Decoder::read(const nlohmann::json& in, T& out)
{
    if (in.is_string() && boost::describe::enum_from_string(in.get_ref<const std::string&>().c_str(), out)) return;
    std::vector<std::string> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
        [&](auto enumerator) { names.push_back(fmt::format("'{}'", enumerator.name)); });
    fail(fmt::format("Input should be {}", fmt::join(names, ", ")), "enum");
}

template <DescribedStruct T>
void Decoder::read(const nlohmann::json& in, T& out)
{
    if (!in.is_object()) return fail("Input should be a valid dictionary", "model_attributes_type");
    refuse_unknown<T>(in);
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        constexpr std::string_view name = json_name(decltype(member)::name);
        const Field* field = field_of<T>(name);
        const Inside inside(*this, name);
        const auto at = in.find(name);
        if (at != in.end()) {
            const std::size_t before = errors_.size();
            read(*at, out.*member.pointer);
            if (field && errors_.size() == before) check(out.*member.pointer, *field);
        } else if (field && field->required) {
            fail("Field required", "missing");
        }
    });
}

template <class T>
void Decoder::check(const T& value, const Field& field)
{
    if constexpr (std::is_same_v<T, bool>)
        return;
    else if constexpr (std::is_arithmetic_v<T>)
        check_number(static_cast<double>(value), field);
    else if constexpr (std::is_same_v<T, std::chrono::milliseconds>)
        check_number(static_cast<double>(value.count()), field);
    else if constexpr (std::is_same_v<T, std::string>)
        check_length(value.size(), "String should have at most {} characters", "string_too_long", field);
    else if constexpr (is_optional<T>)
        value ? check(*value, field) : void();
    else if constexpr (is_list<T>)
        check_length(value.size(), "List should have at most {} items", "too_long", field);
}

template <DescribedStruct T>
void Decoder::refuse_unknown(const nlohmann::json& in)
{
    if (unknown_ == Unknown::ignored) return;
    for (const auto& [key, unused] : in.items()) {
        bool known = false;
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) { known = known || key == json_name(member.name); });
        if (known) continue;
        const Inside inside(*this, key);
        fail("Extra inputs are not permitted", "extra_forbidden");
    }
}

}  // namespace sbx::daemon
