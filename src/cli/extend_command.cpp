#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/sandbox_view.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_keeper.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

struct Options {
    std::string name;
    std::string life;
};

/// The keeper takes frames in order: with the answer to a second claim the first is done.
asio::awaitable<Result<void>> live_for(AgentLink& link, std::chrono::milliseconds life, std::string token)
{
    link.owner().lease(life);
    wire::Claim claim;
    claim.token = std::move(token);
    const wire::StreamId answer = link.owner().claim(claim);
    link.flush();
    const Result<Outcome> done = co_await link.finish(answer);
    if (!done) co_return done.error();
    if (const auto* failure = std::get_if<wire::Failure>(&*done)) co_return wire::to_error(*failure);
    co_return Result<void>();
}

void extend(const Options& options, Context& context)
{
    const auto life = parse_duration("--ttl", options.life);
    if (!life) return context.report(life.error());
    if (!*life || **life > 24h)
        return context.report(
            Error(Errc::invalid_argument, "--ttl: a sandbox ends after a day at the latest", "--ttl 24h"));
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, options.name);
    if (!record) return context.report(record.error());
    const auto work = [&](AgentLink& link) { return live_for(link, **life, record->token); };
    const Result<void> extended = with_keeper(context, store, *record, work);
    if (!extended) return context.report(extended.error());
    SandboxView view;
    view.record = store.read(record->id).value_or(*record);
    view.state = "running";
    const nlohmann::ordered_json json = sandbox_json(view);
    if (context.json) return context.print_json(json);
    context.print(fmt::format("{}\n", json["ends"].get<std::string>()));
}

}  // namespace

void build_extend_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_option("SANDBOX", options->name, "Id, name, or beginning of an id")->required();
    command.add_option("--ttl", options->life, "It ends so much later than now, a day after it was made at the latest")
        ->type_name("TIME")
        ->required();
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context, {{"extend build --ttl 2h", "it ends in two hours; prints when that is"}});
    command.callback([options, &context] { extend(*options, context); });
}

}  // namespace sbx::cli
