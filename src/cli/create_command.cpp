#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/make_sandbox.hpp"
#include "cli/sandbox_view.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

struct Options {
    RunOptions run;
    SandboxLife life;
};

void create(Options& options, Context& context)
{
    const Result<SandboxRecord> record = make_sandbox(context, options.run, options.life);
    if (!record) return context.report(record.error());
    SandboxView view;
    view.record = *record;
    view.state = "running";
    if (context.json) return context.print_json(sandbox_json(view));
    context.print(record->id + "\n");
}

}  // namespace

void build_create_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    add_create_options(command, options->run, context);
    command.add_option("--name", options->life.name, "Name to call it by")->type_name("NAME")->group("Life");
    command.add_option("--ttl", options->life.time, "It ends after this time: 10m, 1h (default), 24h")
        ->type_name("TIME")
        ->group("Life");
    command.add_option("--idle-timeout", options->life.idle, "It ends when nobody used it for so long (default none)")
        ->type_name("TIME")
        ->group("Life");
    set_examples(command, context,
                 {{"create --name build", "a sandbox of Python's image, for an hour"},
                  {"create --allow '*.example.org'", "its programs may connect to all hosts below that name"},
                  {"create --lang bash --file . --memory 1g --ttl 8h", "with files, more memory, for a day's work"},
                  {"create --template web --name web", "as the template web says, with its command running"},
                  {"exec build -- python3 -V", "run a program in it"}});
    command.callback([options, &context] { create(*options, context); });
}

}  // namespace sbx::cli
