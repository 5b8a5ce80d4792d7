#include "cli/sandbox_names.hpp"

#include "cli/keeper_process.hpp"

namespace sbx::cli {

void print_sandbox_names(Context& context, const std::string& suffix)
{
    for (const SandboxRecord& record : sandbox_store(context).list())
        if (!record.cause) context.print((record.name.empty() ? record.id : record.name) + suffix + "\n");
}

}  // namespace sbx::cli
