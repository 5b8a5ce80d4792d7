#include "daemon/executions/language_name.hpp"

#include "core/lang/words.hpp"
#include "sbx/language.hpp"

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

}  // namespace

void read_json(Decoder& decoder, const nlohmann::json& in, LanguageName& out)
{
    if (in.is_string()) out.text = in.get_ref<const std::string&>();
    if (!in.is_string() || !all_names().contains(out.text)) decoder.fail_word({all_names().begin(), all_names().end()});
}

Schemas::Json JsonForm<LanguageName>::schema(Schemas& /*schemas*/)
{
    return {{"type", "string"}, {"title", name}, {"enum", all_names()}, {"default", LanguageName().text}};
}

}  // namespace sbx::daemon
