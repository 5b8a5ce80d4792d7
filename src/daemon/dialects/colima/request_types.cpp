#include "daemon/dialects/colima/request_types.hpp"

#include "daemon/dialects/colima/colima.hpp"
#include "daemon/executions/code_order.hpp"

#include <filesystem>

namespace sbx::daemon::colima {
namespace {

constexpr std::size_t most_metadata = 32;
constexpr std::size_t most_metadata_bytes = std::size_t{4} << 10;
constexpr double most_seconds = 86'400;

/// @return whether they are texts by name
bool read_texts(Decoder& decoder, const nlohmann::json& in, std::map<std::string, std::string>& out)
{
    const std::size_t before = decoder.errors().size();
    decoder.read(in, out);
    return decoder.errors().size() == before;
}

}  // namespace

void read_json(Decoder& decoder, const nlohmann::json& in, PathInSandbox& out)
{
    const std::size_t before = decoder.errors().size();
    decoder.read(in, out.text);
    if (decoder.errors().size() != before) return;
    const auto whole = checked_directory(out.text.empty() ? "." : (std::filesystem::path(home) / out.text).native());
    if (whole && !out.text.empty())
        out.text = *whole;
    else
        decoder.fail_value(out.text.empty() ? "the path is empty" : whole.error().message);
}

void read_json(Decoder& decoder, const nlohmann::json& in, Encoding& out)
{
    out.is_base64 = in == "base64";
    if (!out.is_base64 && in != "utf-8") decoder.fail_word({"utf-8", "base64"});
}

void read_json(Decoder& decoder, const nlohmann::json& in, Variables& out)
{
    if (!read_texts(decoder, in, out.texts)) return;
    const auto checked = checked_environment(out.texts);
    if (!checked) decoder.fail_value(checked.error().message);
}

void read_json(Decoder& decoder, const nlohmann::json& in, Metadata& out)
{
    if (!read_texts(decoder, in, out.texts)) return;
    std::size_t bytes = 0;
    for (const auto& [key, value] : out.texts) bytes += key.size() + value.size();
    if (out.texts.size() > most_metadata || bytes > most_metadata_bytes)
        decoder.fail_value("there are more than 32 entries, or more than 4 KiB of them");
}

void read_json(Decoder& decoder, const nlohmann::json& in, TimeLimit& out)
{
    out.time.reset();
    if (in.is_null()) return;
    const std::size_t before = decoder.errors().size();
    double seconds = 0;
    decoder.read(in, seconds);
    if (decoder.errors().size() != before) return;
    if (!(seconds > 0)) return decoder.fail("Input should be greater than 0", "greater_than", {{"gt", 0}});
    if (seconds > most_seconds)
        return decoder.fail("Input should be less than or equal to 86400", "less_than_equal", {{"le", 86'400}});
    out.time = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace sbx::daemon::colima
