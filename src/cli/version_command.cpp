#include "sbx/version.hpp"

#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/shared_flags.hpp"
#include "sbx/own_image.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

void print_version(Context& context)
{
    if (context.json) return context.print_json({{"version", version()}, {"images", image_version()}});
    context.print(fmt::format("{} {}, images {}\n", context.program, version(), image_version()));
}

}  // namespace

void build_version_command(CLI::App& command, Context& context)
{
    add_json_flag(command, context);
    set_examples(command, context, {{"version --json", "for a bug report"}});
    command.callback([&context] { print_version(context); });
}

}  // namespace sbx::cli
