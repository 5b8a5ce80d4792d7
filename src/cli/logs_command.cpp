#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/shared_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/detached.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <functional>
#include <utility>

namespace sbx::cli {
namespace {

struct Options {
    std::vector<std::string> words;  ///< SANDBOX [PROCESS]
    bool follow = false;
};

constexpr std::uint32_t highest_number = 1U << 31;

Result<std::optional<std::uint64_t>> process_number(const Options& options)
{
    if (options.words.size() < 2) return std::optional<std::uint64_t>();
    const Result<std::uint32_t> number = parse_count("PROCESS", options.words[1], highest_number);
    if (!number) return number.error();
    return std::optional<std::uint64_t>(*number);
}

/// Runs one piece of work on the process that the words name.
/// @param work  `asio::awaitable<Result<T>>(AgentLink&, std::optional<std::uint64_t>)`
template <class Work>
auto on_process(const Options& options, const Context& context, const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, AgentLink&, std::optional<std::uint64_t>>::value_type;
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const auto number = process_number(options);
    if (!number) return Outcome(number.error());
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, options.words.front());
    if (!record) return Outcome(record.error());
    const auto over = [&](AgentLink& link) { return work(link, *number); };
    return with_keeper(context, store, *record, over);
}

asio::awaitable<Result<std::uint64_t>> show(AgentLink& link, std::optional<std::uint64_t> number, bool follow)
{
    const Result<wire::ProcessInfo> process = co_await find_process(link, number);
    if (!process) co_return process.error();
    StandardStreams streams(co_await asio::this_coro::executor, false);
    std::function<void()> nobody;
    co_return co_await show_output(link, process->process, follow, streams, std::move(nobody));
}

void logs(const Options& options, Context& context)
{
    const auto work = [&](AgentLink& link, std::optional<std::uint64_t> number) {
        return show(link, number, options.follow);
    };
    const Result<std::uint64_t> dropped = on_process(options, context, work);
    if (!dropped && dropped.error().code == Errc::cancelled)
        context.exit_code = 128 + SIGPIPE;  // as any program whose reader has gone, and as quietly
    else if (!dropped)
        context.report(dropped.error());
    else if (*dropped > 0)
        context.say(fmt::format("{}: {} bytes before these are no longer kept", context.program, *dropped));
}

asio::awaitable<Result<wire::ProcessInfo>> await_end(AgentLink& link, std::optional<std::uint64_t> number)
{
    const Result<wire::ProcessInfo> process = co_await find_process(link, number);
    if (!process) co_return process;
    co_return co_await await_process(link, process->process);
}

void wait(const Options& options, Context& context)
{
    const Result<wire::ProcessInfo> ended = on_process(options, context, await_end);
    if (!ended) return context.report(ended.error());
    const wire::Exit& exit = ended->exit;
    context.exit_code = static_cast<int>(exit.signal != 0 ? 128 + exit.signal : exit.code);
    if (!context.json) return;
    context.print_json({{"process", ended->process},
                        {"exit_code", context.exit_code},
                        {"signal", exit.signal != 0 ? nlohmann::ordered_json(exit.signal) : nlohmann::ordered_json()},
                        {"oom", exit.oom},
                        {"wall_ms", exit.wall_us / 1000}});
}

void add_words(CLI::App& command, Options& options)
{
    command
        .add_option("SANDBOX", options.words,
                    "Id, name, or beginning of an id; then the number that `exec -d` printed (default: the last)")
        ->required()
        ->expected(1, 2);
}

}  // namespace

void build_logs_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    add_words(command, *options);
    command.add_flag("-f,--follow", options->follow, "What comes until the program ends too");
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"logs build", "the end of what the last program in the background wrote"},
                  {"logs -f build 2", "of process 2, until it ends"}});
    command.callback([options, &context] { logs(*options, context); });
}

void build_wait_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    add_words(command, *options);
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context, {{"wait build", "for the last program in the background; its exit code is ours"}});
    command.callback([options, &context] {
        context.runs_program = true;
        wait(*options, context);
    });
}

}  // namespace sbx::cli
