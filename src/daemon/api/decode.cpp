#include "daemon/api/decode.hpp"

#include "daemon/http/ascii.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace sbx::daemon {
namespace {

using nlohmann::json;

std::optional<bool> truth_of(std::string_view text)
{
    constexpr std::array<std::string_view, 6> yes{"true", "1", "on", "yes", "t", "y"};
    constexpr std::array<std::string_view, 6> no{"false", "0", "off", "no", "f", "n"};
    const auto is = [text](std::string_view word) { return equals_ignoring_case(word, text); };
    if (std::ranges::any_of(yes, is)) return true;
    if (std::ranges::any_of(no, is)) return false;
    return std::nullopt;
}

/// What a number is a truth of.
std::optional<bool> truth_of(double number)
{
    if (number == 1) return true;
    if (number == 0) return false;
    return std::nullopt;
}

/// The whole of the text, but for blanks around it.
template <class Number>
std::optional<Number> number_of(std::string_view text)
{
    Number number{};
    text = trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// `'a', 'b' or 'c'`
std::string listed(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
        text += fmt::format("'{}'", words[i]);
    }
    return text;
}

}  // namespace

void Decoder::fail_word(const std::vector<std::string>& words)
{
    const std::string expected = listed(words);
    fail("Input should be " + expected, "enum", {{"expected", expected}});
}

/// @source pydantic's conversion table, from JSON to bool
void Decoder::read(const json& in, bool& out)
{
    std::optional<bool> truth;
    if (in.is_boolean())
        truth = in.get<bool>();
    else if (in.is_string() && (texts_ || reading_.is_lax))
        truth = truth_of(in.get_ref<const std::string&>());
    else if (in.is_number() && reading_.is_lax)
        truth = truth_of(in.get<double>());
    else
        return fail("Input should be a valid boolean", "bool_type");
    if (!truth) return fail("Input should be a valid boolean, unable to interpret input", "bool_parsing");
    out = *truth;
}

/// @source pydantic's conversion table, from JSON to float
void Decoder::read(const json& in, double& out)
{
    std::optional<double> number;
    if (in.is_number())
        number = in.get<double>();
    else if (in.is_boolean() && reading_.is_lax)
        number = in.get<bool>() ? 1 : 0;
    else if (in.is_string() && (texts_ || reading_.is_lax))
        number = number_of<double>(in.get_ref<const std::string&>());
    else
        return fail("Input should be a valid number", "float_type");
    if (!number) return fail("Input should be a valid number, unable to parse string as a number", "float_parsing");
    out = *number;
}

/// @source pydantic's conversion table, from JSON to int
bool Decoder::read_integer(const json& in, json& integer)
{
    const std::size_t before = errors_.size();
    if (in.is_number_integer()) {
        integer = in;
    } else if (in.is_string() && (texts_ || reading_.is_lax)) {
        const auto& text = in.get_ref<const std::string&>();
        if (const auto natural = number_of<std::uint64_t>(text))
            integer = *natural;
        else if (const auto number = number_of<std::int64_t>(text))
            integer = *number;
        else
            fail("Input should be a valid integer, unable to parse string as an integer", "int_parsing");
    } else if (in.is_boolean() && reading_.is_lax) {
        integer = in.get<bool>() ? 1 : 0;
    } else if (in.is_number_float() && reading_.is_lax) {
        read_whole(in.get<double>(), integer);
    } else {
        fail("Input should be a valid integer", "int_type");
    }
    return errors_.size() == before;
}

void Decoder::read_whole(double number, json& integer)
{
    constexpr double most_exact = 9007199254740992;  // 2^53: every whole number up to it has a form of its own
    if (number != std::trunc(number))
        fail("Input should be a valid integer, got a number with a fractional part", "int_from_float");
    else if (std::abs(number) > most_exact)
        fail("Input should be a valid integer of this size", "int_parsing_size");
    else
        integer = static_cast<std::int64_t>(number);
}

void Decoder::check_number(double value, const Field& field)
{
    // What is no number is within no bounds.
    if (field.maximum && !(value <= static_cast<double>(*field.maximum)))
        fail(fmt::format("Input should be less than or equal to {}", *field.maximum), "less_than_equal",
             {{"le", *field.maximum}});
    else if (field.minimum && !(value >= static_cast<double>(*field.minimum)))
        fail(fmt::format("Input should be greater than or equal to {}", *field.minimum), "greater_than_equal",
             {{"ge", *field.minimum}});
}

void Decoder::check_length(std::size_t length, const Field& field)
{
    if (field.max_length && length > *field.max_length)
        fail(fmt::format("String should have at most {} characters", *field.max_length), "string_too_long",
             {{"max_length", *field.max_length}});
}

void Decoder::check_count(std::size_t count, const Field& field)
{
    if (field.max_length && count > *field.max_length)
        fail(fmt::format("List should have at most {} items after validation, not {}", *field.max_length, count),
             "too_long", {{"field_type", "List"}, {"max_length", *field.max_length}, {"actual_length", count}});
}

}  // namespace sbx::daemon
