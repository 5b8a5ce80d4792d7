#include "cli/template_names.hpp"

#include "core/config/template.hpp"

#include <unistd.h>

namespace sbx::cli {
/// Shells expand what they are given to complete from: other names are left out.
void print_template_names(Context& context)
{
    for (const std::string& name :
         template_names(template_folders(directories(context.environment, ::geteuid()).config)))
        if (is_template_name(name)) context.print(name + "\n");
}

}  // namespace sbx::cli
