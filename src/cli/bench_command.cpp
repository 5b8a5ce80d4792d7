#include "cli/app.hpp"
#include "cli/bare_run.hpp"
#include "cli/commands.hpp"
#include "cli/own_program.hpp"
#include "cli/shared_flags.hpp"
#include "cli/table.hpp"
#include "cli/with_engine.hpp"
#include "core/lang/image_choice.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/sweep.hpp"
#include "sbx/quantity.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
using Times = std::vector<std::chrono::microseconds>;

constexpr const char* code = "print(1)";
constexpr const char* bench_label = "sbx.label.bench";  // as `sbx run --label bench=cold` sets it

struct Options {
    std::string rounds = "20";
};

struct Measurement {
    std::string engine;
    std::string image;
    Times run;   ///< `sbx run`, the whole process
    Times bare;  ///< the same container through the engine's API
};

/// One cold `sbx run`, from the start of its process to its end.
Result<std::chrono::microseconds> timed_run(const std::filesystem::path& program, const std::string& image)
{
    std::vector<std::string> words{program.string(), "run", "--quiet", "--label", "bench=cold",
                                   "--image",        image, "-c",      code};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t streams;
    ::posix_spawn_file_actions_init(&streams);
    ::posix_spawn_file_actions_addopen(&streams, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const auto begin = Clock::now();
    pid_t process = -1;
    const int failed = ::posix_spawn(&process, program.c_str(), &streams, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&streams);
    int status = -1;
    if (failed != 0 || ::waitpid(process, &status, 0) != process || status != 0)
        return Error(Errc::internal, fmt::format("{} run failed", program.string()), "sbx doctor");
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
}

/// The settings of the container that `sbx run` makes.
Plan plan_of_a_run(const ImageInfo& image)
{
    Plan plan;
    plan.image = image.id;
    plan.labels.emplace(instance_label, "bench");
    plan.labels.emplace(sandbox_label, "bench");
    plan.labels.emplace(bench_label, "cold");
    constexpr auto life = std::chrono::minutes(10);
    const auto end = (std::chrono::system_clock::now() + life).time_since_epoch();
    plan.labels.emplace(expires_label,
                        fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(end).count()));
    if (const wire::AgentImage* agent = wire::agent_image(image.architecture)) {
        Mount mount;
        mount.volume = agent_volume_name(*agent);
        mount.target = agent_directory;
        plan.mounts.push_back(std::move(mount));
    }
    return plan;
}

/// Waits until the engine has removed what the last round left, so that it does not slow the next one down.
asio::awaitable<void> settle(Engine& engine)
{
    using namespace std::chrono_literals;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int look = 0; look < 100; ++look) {
        const Result<std::vector<SandboxInfo>> left = co_await engine.list(bench_label);
        if (!left || left->empty()) co_return;
        timer.expires_after(20ms);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

/// The two in turn; the first round of each warms caches and is not counted.
asio::awaitable<Result<Measurement>> measure(Engine& engine, docker::Endpoint endpoint, Settings settings,
                                             std::uint32_t rounds)
{
    docker::Client client(co_await asio::this_coro::executor, std::move(endpoint), docker::Trace());
    const Language& python = languages().front();
    const Result<EngineInfo> info = co_await engine.probe();
    if (!info) co_return info.error();
    ImagePreference preference;
    if (const auto image = settings.images.find("python"); image != settings.images.end())
        preference.configured = image->second;
    preference.registry = settings.registry;
    preference.pull = settings.pull;
    const Result<ChosenImage> image = co_await choose_image(engine, python, std::move(preference), ProgressSink());
    if (!image) co_return image.error();
    Measurement measurement;
    measurement.engine = fmt::format("{} {}, {} processors", info->name, info->version, info->cpus);
    measurement.image = image->reference;
    const std::filesystem::path program = own_program();
    for (std::uint32_t round = 0; round <= rounds; ++round) {
        const auto run = timed_run(program, image->reference);
        if (!run) co_return run.error();
        co_await settle(engine);
        const auto bare = co_await bare_run(client, plan_of_a_run(image->info), info->cgroup_v2,
                                            *run_code_command(python, code, Arguments()));
        if (!bare) co_return bare.error();
        co_await settle(engine);
        if (round == 0) continue;
        measurement.run.push_back(*run);
        measurement.bare.push_back(*bare);
    }
    co_return measurement;
}

double milliseconds(std::chrono::microseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

double median(Times times)
{
    std::ranges::sort(times);
    const std::size_t middle = times.size() / 2;
    if (times.size() % 2 == 1) return milliseconds(times[middle]);
    return (milliseconds(times[middle - 1]) + milliseconds(times[middle])) / 2;
}

ordered_json times_json(const Times& times)
{
    return {{"median_ms", median(times)},
            {"min_ms", milliseconds(std::ranges::min(times))},
            {"max_ms", milliseconds(std::ranges::max(times))}};
}

std::vector<std::string> times_row(const std::string& name, const Times& times, double ratio)
{
    return {name, fmt::format("{:.1f}", median(times)), fmt::format("{:.1f}", milliseconds(std::ranges::min(times))),
            fmt::format("{:.1f}", milliseconds(std::ranges::max(times))), fmt::format("{:.2f}", ratio)};
}

void print_measurement(const Measurement& measurement, Context& context)
{
    const double ratio = median(measurement.run) / median(measurement.bare);
    if (context.json)
        return context.print_json({{"engine", measurement.engine},
                                   {"image", measurement.image},
                                   {"rounds", measurement.run.size()},
                                   {"run", times_json(measurement.run)},
                                   {"bare", times_json(measurement.bare)},
                                   {"ratio", ratio}});
    context.print(fmt::format("{} in {}, {} rounds, on {}\n", code, measurement.image, measurement.run.size(),
                              measurement.engine));
    context.print(format_table({{"COLD RUN", "MEDIAN MS", "MIN", "MAX", "RATIO"},
                                times_row(context.program + " run, whole process", measurement.run, ratio),
                                times_row("bare engine API, same container", measurement.bare, 1)}));
}

void bench(const Options& options, Context& context)
{
    constexpr std::uint32_t most_rounds = 10'000;
    const Result<std::uint32_t> rounds = parse_count("--rounds", options.rounds, most_rounds);
    if (!rounds) return context.report(rounds.error());
    const Result<Configuration> configuration = context.configuration();
    if (!configuration) return context.report(configuration.error());
    const Result<docker::Endpoint> endpoint = configured_endpoint(configuration->settings);
    if (!endpoint) return context.report(endpoint.error());
    const auto work = [&](const OpenEngine& open) {
        return measure(*open.engine, *endpoint, configuration->settings, *rounds);
    };
    const Result<Measurement> measurement = with_engine(context, configuration->settings, work);
    if (!measurement) return context.report(measurement.error());
    print_measurement(*measurement, context);
}

}  // namespace

void build_bench_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command.add_option("-n,--rounds", options->rounds, "Runs of each kind, in turn (default 20)")->type_name("N");
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"bench", "how long a cold run takes here, beside the bare engine"},
                  {"bench --rounds 100 --json", "more rounds, for a script"}});
    command.callback([options, &context] { bench(*options, context); });
}

}  // namespace sbx::cli
