#pragma once

#include "core/json.hpp"
#include "daemon/api/field.hpp"

#include <nlohmann/json.hpp>

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
    std::string type;      ///< of pydantic's, a word that programs can test
    nlohmann::json input;  ///< what was found there; where something is missing, what lacks it
    nlohmann::json ctx;    ///< what `msg` speaks of, as an object; null: nothing

    bool operator==(const FieldError&) const = default;
};

/// How a dialect's framework takes the JSON of requests.
struct Reading {
    bool refuses_unknown = true;      ///< names that no member has
    bool is_lax = false;              ///< "5" and 5.0 are the integer 5, "true" and 1 are true: pydantic's lax mode
    bool is_forgiving = false;        ///< null says nothing, for a member with a default and as a body
    bool wants_body = false;          ///< no body at all is an error; else it is an empty object
    bool takes_foreign_body = false;  ///< one of another type than JSON is a text, else it is refused with 415
};

/// Reads described types out of JSON and notes everything that is wrong, not only the first.
class Decoder {
   public:
    explicit Decoder(Reading reading = {}) : reading_(reading) {}

    const std::vector<FieldError>& errors() const { return errors_; }
    /// At the place where the decoder is.
    void fail(std::string msg, std::string type, nlohmann::json ctx = nullptr)
    {
        errors_.push_back({loc_, std::move(msg), std::move(type), input_ ? *input_ : nullptr, std::move(ctx)});
    }

    /// What is there has the right form, and means nothing. @param what  in words
    void fail_value(const std::string& what) { fail("Value error, " + what, "value_error", {{"error", what}}); }
    /// What is there is none of these words.
    void fail_word(const std::vector<std::string>& words);

    /// The place of what is read next.
    class Inside {
       public:
        /// @param input  what is found there; outlives this
        Inside(Decoder& decoder, nlohmann::json name, const nlohmann::json& input)
            : decoder_(decoder), outer_(decoder.input_)
        {
            decoder_.loc_.push_back(std::move(name));
            decoder_.input_ = &input;
        }
        ~Inside()
        {
            decoder_.loc_.pop_back();
            decoder_.input_ = outer_;
        }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

       private:
        Decoder& decoder_;
        const nlohmann::json* outer_;
    };
    /// Values of a query and of a path are text: numbers in them are read.
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
    /// @param integer  what a number of JSON or, where texts are read, a text says
    /// @return whether there is one; else what is wrong is noted
    bool read_integer(const nlohmann::json& in, nlohmann::json& integer);
    void read_whole(double number, nlohmann::json& integer);
    template <class T>
    void check(const T& value, const Field& field);
    void check_number(double value, const Field& field);
    void check_length(std::size_t length, const Field& field);
    void check_count(std::size_t count, const Field& field);

    Reading reading_;
    bool texts_ = false;
    const nlohmann::json* input_ = nullptr;
    std::vector<nlohmann::json> loc_;
    std::vector<FieldError> errors_;
};

template <std::integral Integer>
void Decoder::read(const nlohmann::json& in, Integer& out)
{
    nlohmann::json integer;
    if (!read_integer(in, integer)) return;
    const bool fits = integer.is_number_unsigned() ? std::in_range<Integer>(integer.get<std::uint64_t>())
                                                   : std::in_range<Integer>(integer.get<std::int64_t>());
    if (!fits) return fail("Input should be a valid integer of this size", "int_parsing_size");
    out = integer.get<Integer>();
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
        const Inside inside(*this, i, in[i]);
        read(in[i], out.emplace_back());
    }
}

template <class T>
void Decoder::read(const nlohmann::json& in, std::map<std::string, T>& out)
{
    if (!in.is_object()) return fail("Input should be a valid dictionary", "dict_type");
    out.clear();
    for (const auto& [key, value] : in.items()) {
        const Inside inside(*this, key, value);
        read(value, out[key]);
    }
}

template <DescribedEnum T>
void Decoder::read(const nlohmann::json& in, T& out)
{
    if (in.is_string() && boost::describe::enum_from_string(in.get_ref<const std::string&>().c_str(), out)) return;
    std::vector<std::string> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
        [&](auto enumerator) { names.emplace_back(enumerator.name); });
    fail_word(names);
}

template <DescribedStruct T>
void Decoder::read(const nlohmann::json& in, T& out)
{
    if (!in.is_object())
        return fail("Input should be a valid dictionary or object to extract fields from", "model_attributes_type");
    refuse_unknown<T>(in);
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        constexpr std::string_view name = json_name(decltype(member)::name);
        const Field* field = field_of<T>(name);
        const bool is_required = field && field->required;
        const auto at = in.find(name);
        if (at == in.end() || (reading_.is_forgiving && !is_required && at->is_null())) {
            const Inside inside(*this, name, in);
            if (is_required) fail("Field required", "missing");
            return;
        }
        const Inside inside(*this, name, *at);
        const std::size_t before = errors_.size();
        read(*at, out.*member.pointer);
        if (field && errors_.size() == before) check(out.*member.pointer, *field);
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
        check_length(value.size(), field);
    else if constexpr (is_optional<T>)
        value ? check(*value, field) : void();
    else if constexpr (is_list<T>)
        check_count(value.size(), field);
}

template <DescribedStruct T>
void Decoder::refuse_unknown(const nlohmann::json& in)
{
    if (!reading_.refuses_unknown) return;
    for (const auto& [key, value] : in.items()) {
        bool known = false;
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) { known = known || key == json_name(member.name); });
        if (known) continue;
        const Inside inside(*this, key, value);
        fail("Extra inputs are not permitted", "extra_forbidden");
    }
}

}  // namespace sbx::daemon
