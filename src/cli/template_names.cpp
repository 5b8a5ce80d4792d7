#include "cli/template_names.hpp"

#include "core/config/template.hpp"

#include <unistd.h>

#include <algorithm>

namespace sbx::cli {
namespace {

/// Shells expand what they are given to complete from.
bool is_plain_word(const std::string& name)
{
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return name.find_first_not_of(plain) == std::string::npos;
}

}  // namespace

void print_template_names(Context& context)
{
    for (const std::string& name :
         template_names(template_folders(directories(context.environment, ::geteuid()).config)))
        if (is_plain_word(name)) context.print(name + "\n");
}

}  // namespace sbx::cli
