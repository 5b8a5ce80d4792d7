#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_keeper.hpp"
#include "core/net/egress_list.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

struct Options {
    std::string name;
    std::vector<std::string> places;
};

asio::awaitable<Result<void>> change(AgentLink& link, wire::ChangeEgress wanted)
{
    const wire::StreamId answer = link.owner().change_egress(wanted);
    link.flush();
    const Result<Outcome> done = co_await link.finish(answer);
    if (!done) co_return done.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*done)) co_return wire::to_error(*failure);
    co_return Result<void>();
}

void change_list(const Options& options, bool allow, Context& context)
{
    for (const std::string& place : options.places)
        if (const auto rules = parse_egress_rule("HOST", place); !rules) return context.report(rules.error());
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, options.name);
    if (!record) return context.report(record.error());
    wire::ChangeEgress wanted;
    (allow ? wanted.allow : wanted.deny) = options.places;
    const auto work = [&](AgentLink& link) { return change(link, wanted); };
    const Result<void> changed = with_keeper(context, store, *record, work);
    if (!changed) {
        Error failure = changed.error();
        if (failure.hint.empty()) failure.hint = fmt::format("{} inspect {}", context.program, options.name);
        return context.report(failure);
    }
    SandboxView view;
    view.record = store.read(record->id).value_or(*record);
    view.state = "running";
    if (context.json) return context.print_json(sandbox_json(view));
    for (const std::string& rule : view.record.allow) context.print(rule + "\n");
}

void build(CLI::App& command, Context& context, bool allow)
{
    const auto options = std::make_shared<Options>();
    command.add_option("SANDBOX", options->name, "Id, name, or beginning of an id")->required();
    command
        .add_option("HOST[:PORT]", options->places,
                    allow ? "Where its programs may connect from now on, as with --allow"
                          : "Where they may no more; without a port all of that host's")
        ->required();
    add_json_flag(command, context);
    add_config_flag(command, context);
    command.callback([options, allow, &context] { change_list(*options, allow, context); });
}

}  // namespace

void build_allow_command(CLI::App& command, Context& context)
{
    build(command, context, true);
    set_examples(
        command, context,
        {{"allow build example.org", "ports 80 and 443 of one host; prints all that is allowed then"},
         {"allow build db.example.org:5432 '*.example.net'", "one port of a host, and all names below another"}});
}

void build_deny_command(CLI::App& command, Context& context)
{
    build(command, context, false);
    set_examples(command, context,
                 {{"deny build example.org", "nothing of that host; connections to it are broken"},
                  {"deny build example.org:80", "one port"}});
}

}  // namespace sbx::cli
