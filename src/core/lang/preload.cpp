#include "core/lang/words.hpp"
#include "sbx/language.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sbx {
namespace {

/// Whether an interpreter takes the word for what the form says, and not for an option or a command of its own.
bool fits_word(std::string_view form, std::string_view word)
{
    if (form == "{file}") return !word.starts_with('-') && word.find_first_of("./") != std::string_view::npos;
    if (form == "{code}") return !word.starts_with('-') && !word.starts_with("\\-");
    return form == word;
}

bool fits_form(std::string_view command_form, const Arguments& command)
{
    const std::vector<std::string_view> form = words(command_form);
    return !form.empty() && form.size() <= command.size() &&
           std::equal(form.begin(), form.end(), command.begin(), fits_word);
}

bool counts_at_start(const Language& language, std::string_view name)
{
    return std::ranges::any_of(words(language.start_variables), [name](std::string_view pattern) {
        return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
    });
}

}  // namespace

Arguments preload_words(const Language& language, const std::vector<std::string>& modules)
{
    const std::vector<std::string_view> preload = words(language.preload);
    Arguments all(preload.begin(), preload.end());
    if (!modules.empty() && language.name == "python")
        all.insert(all.begin(), fmt::format("SBX_PRELOAD={}", fmt::join(modules, ",")));
    return all;
}

bool fits_preload(const Language& language, const Arguments& command,
                  const std::vector<std::pair<std::string, std::string>>& variables)
{
    const std::vector<std::string_view> preload = words(language.preload);
    if (command.empty() || std::ranges::find(preload, command.front()) == preload.end()) return false;
    if (language.start_variables.empty()) return true;
    const auto forms = {language.run_file, language.run_code, language.run_stdin};
    return std::ranges::any_of(forms, [&](std::string_view form) { return fits_form(form, command); }) &&
           std::ranges::none_of(variables, [&](const auto& variable) {
               return counts_at_start(language, variable.first) || !is_utf8(variable.second);
           });
}

}  // namespace sbx
