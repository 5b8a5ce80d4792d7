#include "daemon/executions/language_name.hpp"

#include "core/lang/words.hpp"
#include "sbx/language.hpp"

#include <fmt/format.h>

#include <set>

namespace sbx::daemon {
namespace {

/// In the order of the alphabet.
const std::set<std::string>& all_names()
{
    static const std::set<std::string> names = [] {
        std::set<std::string> all;
        for (const Language& language : languages()) {
            all.emplace(language.name);
            for (const std::string_view alias : words(language.aliases)) all.emplace(alias);
        }
        return all;
    }();
    return names;
}

/// `'a', 'b' or 'c'`.
std::string quoted_names()
{
    std::string text;
    for (const std::string& name : all_names()) {
        if (!text.empty()) text += name == *all_names().rbegin() ? " or " : ", ";
        text += fmt::format("'{}'", name);
    }
    return text;
}

}  // namespace

void read_json(Decoder& decoder, const nlohmann::json& in, LanguageName& out)
{
    if (!in.is_string()) return decoder.fail("Input should be a valid string", "string_type");
    out.text = in.get_ref<const std::string&>();
    if (!all_names().contains(out.text)) decoder.fail(fmt::format("Input should be {}", quoted_names()), "enum");
}

Schemas::Json JsonForm<LanguageName>::schema(Schemas& /*schemas*/)
{
    return {{"type", "string"}, {"title", name}, {"enum", all_names()}, {"default", LanguageName().text}};
}

}  // namespace sbx::daemon
