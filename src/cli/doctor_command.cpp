#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/doctor_checks.hpp"
#include "cli/own_program.hpp"
#include "cli/shared_flags.hpp"
#include "cli/with_engine.hpp"
#include "core/lang/image_choice.hpp"
#include "core/sandbox/agent_volume.hpp"

#include <unistd.h>
#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

asio::awaitable<Result<std::map<std::string, std::string>>> find_images(Engine& engine, Settings settings)
{
    std::map<std::string, std::string> images;
    for (const Language& language : languages()) {
        ImagePreference preference;
        const auto configured = settings.images.find(std::string(language.name));
        if (configured != settings.images.end()) preference.configured = configured->second;
        preference.registry = settings.registry;
        preference.pull = PullPolicy::never;
        const Result<ChosenImage> image =
            co_await choose_image(engine, language, std::move(preference), ProgressSink());
        if (image) images.emplace(language.name, image->reference);
        if (!image && image.error().code != Errc::image_unavailable) co_return image.error();
    }
    co_return images;
}

asio::awaitable<Result<EngineFacts>> examine(Engine& engine, Settings settings)
{
    EngineFacts facts;
    Result<EngineInfo> info = co_await engine.probe();
    if (!info) co_return info.error();
    facts.info = std::move(*info);
    facts.our_time = std::chrono::system_clock::now();
    if (const wire::AgentImage* agent = wire::agent_image(facts.info.architecture)) {
        facts.agent_hash = agent->content_sha256;
        Result<VolumeInfo> volume = co_await engine.volume(agent_volume_name(*agent));
        if (volume) facts.agent_volume = std::move(*volume);
    }
    Result<std::map<std::string, std::string>> images = co_await find_images(engine, std::move(settings));
    if (!images) co_return images.error();
    facts.images = std::move(*images);
    co_return facts;
}

std::vector<Check> all_checks(const Context& context)
{
    std::vector<Check> checks;
    checks.push_back(path_check(context.program, own_program(), context.environment("PATH").value_or("")));
    const Result<Configuration> configuration = context.configuration();
    checks.push_back({.name = "settings", .ok = configuration.has_value(), .detail = "in order"});
    if (!configuration) {
        checks.back().detail = configuration.error().message;
        checks.back().mend = configuration.error().hint;
    }
    for (Check& check : directory_checks(directories(context.environment, ::geteuid()))) checks.push_back(check);
    const Settings settings = configuration ? configuration->settings : Settings();
    const auto work = [&](const OpenEngine& open) { return examine(*open.engine, settings); };
    const Result<EngineFacts> facts = with_engine(context, settings, work);
    if (!facts) {
        checks.push_back(unreachable(facts.error()));
        return checks;
    }
    for (Check& check : engine_checks(*facts)) checks.push_back(std::move(check));
    return checks;
}

void print_check(const Check& check, Context& context)
{
    context.print(fmt::format("{} {}: {}\n", check.ok ? "✓" : "✗", check.name, check.detail));
    if (!check.ok && !check.mend.empty()) context.print(fmt::format("    → {}\n", check.mend));
}

void diagnose(Context& context)
{
    const std::vector<Check> checks = all_checks(context);
    const bool ok = all_required_ok(checks);
    context.exit_code = ok ? 0 : command_exit_code(Errc::internal);
    if (!context.json) {
        for (const Check& check : checks) print_check(check, context);
        return context.print(ok ? "A run works.\n" : "A run would not work.\n");
    }
    ordered_json all = ordered_json::array();
    for (const Check& check : checks)
        all.push_back({{"name", check.name},
                       {"ok", check.ok},
                       {"required", check.required},
                       {"detail", check.detail},
                       {"mend", check.ok ? ordered_json() : ordered_json(check.mend)}});
    context.print_json({{"ok", ok}, {"checks", std::move(all)}});
}

}  // namespace

void build_doctor_command(CLI::App& command, Context& context)
{
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"doctor", "what works here, and what mends the rest"},
                  {"doctor --json | jq .ok", "for a script; the exit code says the same"}});
    command.callback([&context] { diagnose(context); });
}

}  // namespace sbx::cli
