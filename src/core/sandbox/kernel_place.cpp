#include "core/sandbox/kernel_place.hpp"

#include <fmt/format.h>

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

std::filesystem::path kernel_lock(const SandboxStore& store, const SandboxRecord& sandbox, const KernelPlace& place)
{
    return store.directory_of(sandbox.id) / fmt::format("kernel-{}-{}.lock", place.language, place.context);
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
