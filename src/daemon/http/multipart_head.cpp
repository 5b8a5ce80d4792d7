#include "daemon/http/multipart_head.hpp"

#include "daemon/http/ascii.hpp"
#include "sbx/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_boundary = 70;
constexpr std::string_view line_end = "\r\n";

Error malformed(std::string what)
{
    return Error(Errc::invalid_argument, std::move(what));
}

struct Parameter {
    std::string_view name;
    std::string value;
    bool quoted = false;
};

/// Takes `; name="value"` and the like off the front of a field's value, one after the other.
class ParameterReader {
   public:
    explicit ParameterReader(std::string_view text) : rest_(trimmed(text)) {}

    /// @return nothing at the end
    Result<std::optional<Parameter>> next()
    {
        if (rest_.empty()) return std::optional<Parameter>();
        if (rest_.front() != ';') return malformed("a parameter does not begin with a semicolon");
        rest_ = trimmed(rest_.substr(1));
        if (rest_.empty()) return std::optional<Parameter>();
        const std::size_t equals = rest_.find('=');
        Parameter parameter;
        parameter.name = trimmed(rest_.substr(0, equals));
        if (equals == std::string_view::npos || !is_token(parameter.name))
            return malformed("a parameter is no name with a value");
        rest_ = trimmed(rest_.substr(equals + 1));
        parameter.quoted = rest_.starts_with('"');
        if (!parameter.quoted)
            take_plain(parameter.value);
        else if (!take_quoted(parameter.value))
            return malformed("a quoted value has no end");
        return std::optional<Parameter>(std::move(parameter));
    }

   private:
    void take_plain(std::string& value)
    {
        const std::size_t end = std::min(rest_.find(';'), rest_.size());
        value = trimmed(rest_.substr(0, end));
        rest_.remove_prefix(end);
    }

    /// @return whether it ends
    bool take_quoted(std::string& value)
    {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            const char next = i + 1 < rest_.size() ? rest_[i + 1] : '\0';
            if (rest_[i] == '\\' && (next == '"' || next == '\\')) {
                ++i;
            } else if (rest_[i] == '"') {
                const std::string_view after = trimmed(rest_.substr(i + 1));
                if (after.empty() || after.front() == ';') {
                    rest_ = after;
                    return true;
                }
            }
            value += rest_[i];
        }
        return false;
    }

    std::string_view rest_;
};

/// The word before the first parameter.
std::string_view main_value(std::string_view field)
{
    return trimmed(field.substr(0, field.find(';')));
}

ParameterReader parameters_of(std::string_view field)
{
    return ParameterReader(field.substr(std::min(field.find(';'), field.size())));
}

/// @source RFC 2046, section 5.1.1: bchars; a blank may not be the last
bool is_boundary(std::string_view text)
{
    constexpr std::string_view others = "'()+_,-./:=? ";
    return !text.empty() && text.size() <= longest_boundary && text.back() != ' ' &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_alphanumeric(c) || others.find(c) != std::string_view::npos; });
}

/// Undoes what browsers do to the three characters that would end a quoted name.
std::string without_browser_escapes(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, char>, 3> escapes = {{{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}}};
    std::string plain;
    while (!text.empty()) {
        const auto* const escape =
            std::find_if(escapes.begin(), escapes.end(), [&](const auto& e) { return text.starts_with(e.first); });
        plain += escape == escapes.end() ? text.front() : escape->second;
        text.remove_prefix(escape == escapes.end() ? 1 : escape->first.size());
    }
    return plain;
}

Result<std::string> name_in(const Parameter& parameter)
{
    std::string name = parameter.quoted ? without_browser_escapes(parameter.value) : parameter.value;
    if (!is_utf8(name)) return malformed("a name is not UTF-8");
    return name;
}

/// @source RFC 8187, section 3.2
Result<std::string> extended_name_in(const Parameter& parameter)
{
    const std::string_view value = parameter.value;
    const std::size_t charset_end = value.find('\'');
    const std::size_t language_end =
        charset_end == std::string_view::npos ? charset_end : value.find('\'', charset_end + 1);
    if (language_end == std::string_view::npos || !equals_ignoring_case(value.substr(0, charset_end), "utf-8"))
        return malformed("filename* is not written as UTF-8''NAME");
    std::string name;
    for (std::size_t i = language_end + 1; i < value.size(); ++i) {
        name += value[i];
        if (value[i] != '%') continue;
        const int high = i + 2 < value.size() ? hex_value(value[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_value(value[i + 2]);
        if (low < 0) return malformed("filename* holds a percent sign without two digits");
        name.back() = static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!is_utf8(name)) return malformed("a name is not UTF-8");
    return name;
}

/// Puts `value` where nothing may be yet.
Result<void> set_once(std::optional<std::string>& to, Result<std::string> value)
{
    if (!value) return value.error();
    if (to) return malformed("a part says something twice");
    to = std::move(*value);
    return {};
}

/// The fields of one head that mean something, each once.
struct PartFields {
    std::optional<std::string> disposition;
    std::optional<std::string> content_type;
    std::optional<std::string> transfer_encoding;
};

Result<void> take_field(PartFields& fields, std::string_view line)
{
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    // A folded line begins with a blank, which is no part of a token either.
    if (colon == std::string_view::npos || !is_token(name)) return malformed("a line of a part's head is no field");
    std::string value(trimmed(line.substr(colon + 1)));
    if (equals_ignoring_case(name, "content-disposition")) return set_once(fields.disposition, std::move(value));
    if (equals_ignoring_case(name, "content-type")) return set_once(fields.content_type, std::move(value));
    if (equals_ignoring_case(name, "content-transfer-encoding"))
        return set_once(fields.transfer_encoding, std::move(value));
    return {};
}

struct Names {
    std::optional<std::string> field;
    std::optional<std::string> file;
    std::optional<std::string> extended_file;
};

Result<void> take_parameter(Names& names, const Parameter& parameter)
{
    if (equals_ignoring_case(parameter.name, "name")) return set_once(names.field, name_in(parameter));
    if (equals_ignoring_case(parameter.name, "filename")) return set_once(names.file, name_in(parameter));
    if (equals_ignoring_case(parameter.name, "filename*"))
        return set_once(names.extended_file, extended_name_in(parameter));
    return {};
}

Result<Names> names_in(std::string_view disposition)
{
    if (!equals_ignoring_case(main_value(disposition), "form-data"))
        return malformed("the disposition of a part is not form-data");
    Names names;
    ParameterReader reader = parameters_of(disposition);
    for (;;) {
        const Result<std::optional<Parameter>> parameter = reader.next();
        if (!parameter) return parameter.error();
        if (!*parameter) break;
        if (Result<void> taken = take_parameter(names, **parameter); !taken) return taken.error();
    }
    if (!names.field) return malformed("a part has no name");
    return names;
}

/// Nobody sends others since RFC 7578 deprecated the field, and to ignore one would be to store something else.
bool is_identity(std::string_view transfer_encoding)
{
    constexpr std::array<std::string_view, 3> identities = {"binary", "8bit", "7bit"};
    return std::any_of(identities.begin(), identities.end(),
                       [&](std::string_view known) { return equals_ignoring_case(known, transfer_encoding); });
}

}  // namespace

Result<std::string> boundary_of(std::string_view content_type)
{
    if (!equals_ignoring_case(main_value(content_type), "multipart/form-data"))
        return malformed("the body is not multipart/form-data");
    std::optional<std::string> boundary;
    ParameterReader reader = parameters_of(content_type);
    for (;;) {
        Result<std::optional<Parameter>> parameter = reader.next();
        if (!parameter) return parameter.error();
        if (!*parameter) break;
        if (!equals_ignoring_case((*parameter)->name, "boundary")) continue;
        if (boundary) return malformed("the content type names two boundaries");
        boundary = std::move((*parameter)->value);
    }
    if (!boundary) return malformed("the content type names no boundary");
    if (!is_boundary(*boundary)) return malformed("the content type names a malformed boundary");
    return std::move(*boundary);
}

Result<MultipartPart> read_part_head(std::string_view head)
{
    PartFields fields;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find(line_end), head.size());
        if (Result<void> taken = take_field(fields, head.substr(0, end)); !taken) return taken.error();
        head.remove_prefix(std::min(end + line_end.size(), head.size()));
    }
    if (fields.transfer_encoding && !is_identity(*fields.transfer_encoding))
        return malformed("a part has a transfer encoding");
    if (!fields.disposition) return malformed("a part has no disposition");
    Result<Names> names = names_in(*fields.disposition);
    if (!names) return names.error();
    return MultipartPart{.name = std::move(*names->field),
                         .file_name = names->extended_file ? std::move(names->extended_file) : std::move(names->file),
                         .content_type = std::move(fields.content_type).value_or(std::string())};
}

}  // namespace sbx::daemon
