#include "cli/app.hpp"
#include "cli/batch.hpp"
#include "cli/commands.hpp"
#include "cli/remote.hpp"
#include "cli/template_flag.hpp"

#include <memory>

namespace sbx::cli {
namespace {

void add_batch_flags(CLI::App& command, BatchOptions& options)
{
    command.add_option("JOBS", options.jobs, "One job a line, as JSON; - reads them from stdin as they come")
        ->type_name("FILE")
        ->required();
    command.add_option("-j,--jobs", options.parallel, "Runs at a time (default: as many as there are cores)")
        ->type_name("N");
    command.add_flag("--ordered", options.ordered, "Results in the order of the jobs, not in that of their ends")
        ->group("Results");
    command.add_option("-o,--results", options.results, "Write the results into this file instead of stdout")
        ->type_name("FILE")
        ->group("Results");
    command.add_option("--resume", options.resume, "The same, but skip the jobs whose results are there already")
        ->type_name("FILE")
        ->group("Results");
    command.add_option("--junit", options.junit, "Write a report for CI systems into this file")
        ->type_name("FILE")
        ->group("Results");
    command
        .add_option(
            "--check", options.check,
            "How output is compared, where a job doesn't say: exact (default), tokens, floats:EPS, program:FILE")
        ->type_name("CHECK")
        ->group("Results");
    command
        .add_option("--reuse", options.reuse,
                    "Sandboxes: none (default), each used once, or reset, for jobs that may know of each other")
        ->type_name("none|reset")
        ->group("Sandboxes");
    command.add_flag("-q,--quiet", options.run.quiet, "No progress, no summary")->group("Results");
}

void run_batch(Context& context, BatchOptions& options)
{
    if (const auto applied = apply_template(options.run, context); !applied) return context.report(applied.error());
    Batch(context, options).run();
}

}  // namespace

void build_batch_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<BatchOptions>();
    add_batch_flags(command, *options);
    add_batch_options(command, options->run, context);
    add_place_flags(command, context);
    set_examples(
        command, context,
        {{"batch jobs.jsonl > results.jsonl", "run the jobs of a file, each in a sandbox of its own"},
         {"batch --resume results.jsonl jobs.jsonl", "go on with a batch that was interrupted"},
         {"batch -j 4 --ordered --junit report.xml jobs.jsonl", "four at a time, with a report for CI"},
         {"batch --check floats:1e-9 --timeout 2s jobs.jsonl", "numbers may differ a little"},
         {"batch --reuse reset jobs.jsonl", "many short jobs of one owner, in sandboxes that are wiped in between"},
         {"batch --host http://build.example:8000 jobs.jsonl", "in the sandboxes of a daemon"},
         {"batch - < jobs.jsonl | jq -c '[.id, .passed]'", "each job starts as its line comes"}});
    command.callback([options, &context] { run_batch(context, *options); });
}

}  // namespace sbx::cli
