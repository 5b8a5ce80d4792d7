#include "core/sandbox/kernel_answer.hpp"

#include "core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sbx {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// docs/kernels.md, "Caps".
constexpr std::size_t longest_line = std::size_t{34} << 20;
constexpr std::size_t longest_text = std::size_t{1} << 20;
constexpr std::size_t longest_value = std::size_t{12} << 20;  // 8 MiB as base64
constexpr std::size_t longest_traceback = std::size_t{256} << 10;
constexpr std::size_t longest_error_value = std::size_t{64} << 10;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_id = 128;
constexpr std::size_t most_values = 64;
constexpr std::size_t most_frames = 101;
constexpr std::size_t most_items = 500;
constexpr int deepest = 1024;  // writing JSON out is recursive

/// What makes an answer none.
struct Violation {
    const char* what;
};

bool is_too_deep(std::string_view line)
{
    int depth = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"') in_text = !in_text;
        if (in_text && c == '\\') ++i;
        if (in_text) continue;
        if ((c == '[' || c == '{') && ++depth > deepest) return true;
        if (c == ']' || c == '}') --depth;
    }
    return false;
}

bool is_mime(std::string_view text)
{
    const auto fits = [](unsigned char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
    return text.size() <= longest_id && text.find('/') != std::string_view::npos && std::ranges::all_of(text, fits);
}

bool is_json_mime(std::string_view mime)
{
    return mime == "application/json" || mime.ends_with("+json");
}

std::string text_of(const json& message, const char* key, std::size_t longest)
{
    const auto at = message.find(key);
    if (at == message.end() || !at->is_string()) throw Violation{"a text is missing"};
    auto text = at->get<std::string>();
    // A cap counts what the kernel cut, which may have been characters: four bytes each at most.
    if (text.size() > 4 * longest) throw Violation{"a text is too long"};
    return text;
}

void check_data(const json& data)
{
    if (!data.is_object() || data.size() > most_values) throw Violation{"its data are no values by type"};
    for (const auto& [mime, value] : data.items()) {
        if (!is_mime(mime)) throw Violation{"no media type"};
        if (is_json_mime(mime)) continue;
        if (!value.is_string()) throw Violation{"a value is no text"};
        const std::size_t size = value.get_ref<const std::string&>().size();
        if (size > (mime == "text/plain" ? 4 * longest_text : longest_value)) throw Violation{"a value is too large"};
    }
}

void check_texts(const json& list, const char* what)
{
    const auto is_text = [](const json& item) {
        return item.is_string() && item.get_ref<const std::string&>().size() <= longest_name;
    };
    if (!list.is_array() || list.size() > most_values || !std::ranges::all_of(list, is_text)) throw Violation{what};
}

ordered_json list_of(const json& message, const char* key, std::size_t most, bool of_objects)
{
    const auto at = message.find(key);
    if (at == message.end() || !at->is_array() || at->size() > most) throw Violation{"a list is missing or too long"};
    const auto fits = [&](const json& item) { return of_objects ? item.is_object() : item.is_string(); };
    if (!std::ranges::all_of(*at, fits)) throw Violation{"a list holds what it may not"};
    return *at;
}

ordered_json shown(const json& message)
{
    ordered_json fields;
    const auto data = message.find("data");
    if (data == message.end()) throw Violation{"it has no data"};
    check_data(*data);
    fields["data"] = *data;
    const auto metadata = message.find("metadata");
    fields["metadata"] = metadata == message.end() ? ordered_json::object() : ordered_json(*metadata);
    if (!fields["metadata"].is_object()) throw Violation{"its metadata are no object"};
    if (message.contains("display_id")) fields["display_id"] = text_of(message, "display_id", longest_name);
    if (message.contains("truncated")) {
        check_texts(message["truncated"], "its list of what was cut is none");
        fields["truncated"] = message["truncated"];
    }
    return fields;
}

ordered_json error_of(const json& message)
{
    ordered_json fields;
    fields["name"] = text_of(message, "name", longest_name);
    fields["value"] = text_of(message, "value", longest_error_value);
    fields["traceback"] = text_of(message, "traceback", longest_traceback);
    fields["frames"] = list_of(message, "frames", most_frames, true);
    return fields;
}

void copy_if_there(const json& message, const char* key, ordered_json& to)
{
    if (message.contains(key)) to[key] = message[key];
}

ordered_json variable_of(const json& message)
{
    ordered_json variable;
    for (const char* key : {"name", "type", "repr"}) variable[key] = text_of(message, key, longest_name);
    for (const char* key : {"length", "shape", "truncated"}) copy_if_there(message, key, variable);
    if (variable.contains("length") && !variable["length"].is_number_unsigned()) throw Violation{"no length"};
    if (variable.contains("truncated") && !variable["truncated"].is_boolean()) throw Violation{"no truth"};
    if (!variable.contains("shape")) return variable;
    const ordered_json& shape = variable["shape"];
    const auto is_size = [](const ordered_json& size) { return size.is_number_unsigned(); };
    if (!shape.is_array() || shape.size() > most_values || !std::ranges::all_of(shape, is_size))
        throw Violation{"no shape"};
    return variable;
}

ordered_json variables_of(const json& message)
{
    ordered_json fields = {{"variables", ordered_json::array()}};
    for (const ordered_json& each : list_of(message, "variables", most_items, true))
        fields["variables"].push_back(variable_of(each));
    return fields;
}

ordered_json completions_of(const json& message)
{
    ordered_json fields = {{"matches", list_of(message, "matches", most_items, false)}};
    for (const char* key : {"start", "end"}) {
        copy_if_there(message, key, fields);
        if (!fields.contains(key) || !fields[key].is_number_unsigned()) throw Violation{"no place of the matches"};
    }
    return fields;
}

ordered_json completeness_of(const json& message)
{
    ordered_json fields = {{"status", text_of(message, "status", longest_name)}, {"indent", ""}};
    if (!message.contains("indent")) return fields;
    // It is typed for whoever sits at the terminal: anything but blanks would be keys that code from inside presses.
    const std::string indent = text_of(message, "indent", longest_name);
    fields["indent"] = indent.substr(0, indent.find_first_not_of(' '));
    return fields;
}

void read_done(const json& message, KernelAnswer& answer)
{
    const std::string status = text_of(message, "status", longest_name);
    if (!boost::describe::enum_from_string(status.c_str(), answer.status)) throw Violation{"no status"};
    const auto code = message.find("exit_code");
    if (code == message.end()) return;
    if (!code->is_number_unsigned() || code->get<std::uint64_t>() > 255) throw Violation{"no exit code"};
    answer.exit_code = code->get<int>();
    if (message.contains("message")) answer.message = text_of(message, "message", longest_error_value);
}

ordered_json fields_of(KernelAnswerType type, const json& message)
{
    switch (type) {
        case KernelAnswerType::result:
        case KernelAnswerType::display:
        case KernelAnswerType::display_update:
            return shown(message);
        case KernelAnswerType::error:
            return error_of(message);
        case KernelAnswerType::clear: {
            const auto wait = message.find("wait");
            return {{"wait", wait != message.end() && *wait == true}};
        }
        case KernelAnswerType::variables:
            return variables_of(message);
        case KernelAnswerType::completions:
            return completions_of(message);
        case KernelAnswerType::completeness:
            return completeness_of(message);
        case KernelAnswerType::input:
        case KernelAnswerType::done:
            break;
    }
    return ordered_json::object();
}

std::string id_of(const json& message)
{
    const auto id = message.find("id");
    if (id == message.end() || id->is_null()) return {};
    if (!id->is_string() || id->get_ref<const std::string&>().size() > longest_id) throw Violation{"no id"};
    return id->get<std::string>();
}

KernelAnswer read_answer(std::string_view line)
{
    if (is_too_deep(line)) throw Violation{"it is nested too deeply"};
    const json message = json::parse(line, nullptr, false);  // ordered_json takes n² for n keys
    if (!message.is_object()) throw Violation{"it is no JSON object"};
    KernelAnswer answer;
    answer.bytes = line.size();
    const std::string type = text_of(message, "type", longest_name);
    if (!boost::describe::enum_from_string(type.c_str(), answer.type)) throw Violation{"its type is unknown"};
    answer.id = id_of(message);
    answer.fields = fields_of(answer.type, message);
    if (answer.type == KernelAnswerType::done) read_done(message, answer);
    return answer;
}

}  // namespace

Result<KernelAnswer> parse_kernel_answer(std::string_view line)
try {
    return read_answer(line);
} catch (const Violation& violation) {
    return Error(Errc::invalid_argument, fmt::format("an answer of the kernel is none: {}", violation.what));
}

std::optional<std::string> KernelLines::next()
{
    const std::size_t end = unread_.find('\n', searched_);
    if (end != std::string::npos) {
        std::string line = unread_.substr(begin_, end - begin_);
        begin_ = searched_ = end + 1;
        return line;
    }
    unread_.erase(0, begin_);
    begin_ = 0;
    searched_ = unread_.size();
    return std::nullopt;
}

bool KernelLines::is_overlong() const
{
    return unread_.size() - begin_ > longest_line;
}

}  // namespace sbx
