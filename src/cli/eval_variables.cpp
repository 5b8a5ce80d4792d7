#include "cli/eval_variables.hpp"

#include "cli/hostile_text.hpp"
#include "cli/table.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/kernel_question.hpp"
#include "sbx/language.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

/// What is to be asked, and of whom.
struct Wanted {
    SandboxRecord sandbox;
    KernelPlace place;
    std::optional<std::chrono::milliseconds> patience;
};

Result<Wanted> read_wanted(const Context& context, const RunOptions& options, const std::string& kernel_context)
{
    if (context.operands.size() != 1 || options.source.code || options.interactive || !options.artifacts.empty() ||
        context.ndjson || !context.meta.empty())
        return Error(Errc::invalid_argument, "--variables takes a sandbox, and neither code nor flags of its run",
                     fmt::format("{} eval --variables SANDBOX", context.program));
    const auto configuration = context.configuration(options.settings);
    if (!configuration) return configuration.error();
    const std::string& name = options.source.language;
    const Result<const Language*> language = find_language(name.empty() ? "python" : name);
    if (!language) return language.error();
    Result<KernelPlace> place = kernel_place(**language, kernel_context);
    if (!place) return place.error();
    Result<SandboxRecord> sandbox = find_living(sandbox_store(context), context.operands.front());
    if (!sandbox) return sandbox.error();
    auto request = build_session_request(options, configuration->settings, Source(), *sandbox);
    if (!request) return request.error();
    for (const auto& [key, value] : request->environment)
        place->environment.push_back(fmt::format("{}={}", key, value));
    place->directory = request->directory;
    return Wanted{std::move(*sandbox), std::move(*place), request->limits.wall_ms};
}

ordered_json json_of(const KernelVariable& variable)
{
    ordered_json json = {{"name", variable.name}, {"type", variable.type}, {"value", variable.value}};
    json["truncated"] = variable.truncated;
    json["length"] = variable.length ? ordered_json(*variable.length) : ordered_json();
    json["shape"] = variable.shape ? ordered_json(*variable.shape) : ordered_json();
    return json;
}

/// A line each, however the value is laid out.
std::vector<std::string> row_of(const KernelVariable& variable)
{
    std::string value = variable.value.substr(0, variable.value.find('\n'));
    if (variable.truncated || value.size() < variable.value.size()) value += " …";
    return {shown(variable.name), shown(variable.type), shown(value)};
}

void print_variables(Context& context, const std::vector<KernelVariable>& variables)
{
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"NAME", "TYPE", "VALUE"}};
    for (const KernelVariable& each : variables) {
        all.push_back(json_of(each));
        rows.push_back(row_of(each));
    }
    if (context.json) return context.print_json(all);
    context.print(format_table(rows));
}

}  // namespace

void show_variables(Context& context, const RunOptions& options, const std::string& kernel_context)
{
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a keeper that goes away is seen by its write
    const Result<Wanted> wanted = read_wanted(context, options, kernel_context);
    if (!wanted) return context.report(wanted.error());
    const SandboxStore store = sandbox_store(context);
    std::optional<std::chrono::steady_clock::time_point> until;
    if (wanted->patience) until = std::chrono::steady_clock::now() + *wanted->patience;
    const auto work = [&](AgentLink& link) -> asio::awaitable<Result<KernelAnswer>> {
        KernelSession kernel(link, wanted->place);
        Result<KernelAnswer> answer = co_await ask_kernel(kernel, ask_variables(), until);
        co_await kernel.close();
        co_return answer;
    };
    const Result<KernelAnswer> answer = with_keeper(context, store, wanted->sandbox, work);
    if (!answer) return context.report(answer.error());
    print_variables(context, variables_of(*answer));
}

}  // namespace sbx::cli
