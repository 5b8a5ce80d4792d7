#include "core/sandbox/kernel_place.hpp"

#include "core/sandbox/sandbox_record.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx {

Result<KernelPlace> kernel_place(const Language& language, const std::string& context)
{
    if (!is_sandbox_name(context))
        return Error(Errc::invalid_argument,
                     fmt::format("--context: '{}' is no name of letters, digits, '.', '_' and '-'", context),
                     "--context second");
    if (language.kernel.empty())
        return Error(Errc::not_found, fmt::format("{} has no kernel", language.name),
                     fmt::format("{} have one", kernel_languages()));
    KernelPlace place;
    place.language = language.name;
    place.context = context;
    place.command = kernel_command(language, context);
    return place;
}

std::optional<KernelPlace> kernel_of(const std::vector<std::string>& argv)
{
    for (const Language& language : languages()) {
        const std::vector<std::string> words = kernel_command(language, "");
        if (words.empty() || argv.size() != words.size()) continue;
        const std::string& context = words.back();  // its last word, without the name
        const bool same = std::equal(words.begin(), words.end() - 1, argv.begin()) && argv.back().starts_with(context);
        if (!same) continue;
        const Result<KernelPlace> place = kernel_place(language, argv.back().substr(context.size()));
        if (place) return *place;
    }
    return std::nullopt;
}

std::string kernel_languages()
{
    std::vector<std::string_view> names;
    for (const Language& language : languages())
        if (!language.kernel.empty()) names.push_back(language.name);
    const std::string_view last = names.back();
    names.pop_back();
    return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

}  // namespace sbx
