#include "cli/kernel_place.hpp"

#include "core/sandbox/sandbox_record.hpp"

#include <fmt/format.h>

namespace sbx::cli {

Result<KernelPlace> kernel_place(std::string_view language, const std::string& context)
{
    if (!is_sandbox_name(context))
        return Error(Errc::invalid_argument,
                     fmt::format("--context: '{}' is no name of letters, digits, '.', '_' and '-'", context),
                     "--context second");
    if (kernel_command(language, context).empty())
        return Error(Errc::not_found, fmt::format("{} has no kernel", language),
                     "python, javascript and bash have one");
    KernelPlace place;
    place.language = language;
    place.context = context;
    return place;
}

}  // namespace sbx::cli
