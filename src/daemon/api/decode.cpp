#include "daemon/api/decode.hpp"

namespace sbx::daemon {
namespace {

std::optional<bool> truth_of(std::string_view text)
{
    if (text == "true" || text == "1" || text == "on" || text == "yes") return true;
    if (text == "false" || text == "0" || text == "off" || text == "no") return false;
    return std::nullopt;
}

}  // namespace

void Decoder::read(const nlohmann::json& in, bool& out)
{
    if (texts_ && in.is_string()) {
        const auto truth = truth_of(in.get_ref<const std::string&>());
        if (!truth) return fail("Input should be a valid boolean, unable to interpret input", "bool_parsing");
        out = *truth;
        return;
    }
    if (!in.is_boolean()) return fail("Input should be a valid boolean", "bool_type");
    out = in.get<bool>();
}

void Decoder::read(const nlohmann::json& in, double& out)
{
    if (texts_ && in.is_string()) {
        const auto& text = in.get_ref<const std::string&>();
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (failed != std::errc() || end != text.data() + text.size())
            fail("Input should be a valid number, unable to parse string as a number", "float_parsing");
        return;
    }
    if (!in.is_number()) return fail("Input should be a valid number", "float_type");
    out = in.get<double>();
}

void Decoder::check_number(double value, const Field& field)
{
    if (field.minimum && value < static_cast<double>(*field.minimum))
        fail(fmt::format("Input should be greater than or equal to {}", *field.minimum), "greater_than_equal");
    if (field.maximum && value > static_cast<double>(*field.maximum))
        fail(fmt::format("Input should be less than or equal to {}", *field.maximum), "less_than_equal");
}

void Decoder::check_length(std::size_t length, std::string_view what, std::string_view type, const Field& field)
{
    if (field.max_length && length > *field.max_length)
        fail(fmt::format(fmt::runtime(what), *field.max_length), std::string(type));
}

}  // namespace sbx::daemon
