#include "cli/open_engine.hpp"

#include "cli/traced_engine.hpp"
#include "core/docker/engine.hpp"

namespace sbx::cli {
namespace {

docker::EndpointInputs inputs_of(const Settings& settings)
{
    docker::EndpointInputs inputs = docker::process_inputs();
    inputs.host = settings.docker_host;
    inputs.context = settings.docker_context;
    return inputs;
}

}  // namespace

docker::Trace debug_trace(const Context& context, bool debug)
{
    if (!debug && !context.environment("SBX_DEBUG")) return {};
    return [&context](std::string_view method, std::string_view path, unsigned status,
                      std::chrono::microseconds duration) {
        const std::string answer = status == 0 ? "no answer" : std::to_string(status);
        context.say(fmt::format("{}: debug: {} {} {} {:.1f} ms", context.program, method, path, answer,
                                static_cast<double>(duration.count()) / 1000));
    };
}

Result<docker::Endpoint> configured_endpoint(const Settings& settings)
{
    return docker::find_endpoint(inputs_of(settings));
}

Result<OpenEngine> open_engine(asio::any_io_executor executor, const Context& context, const Settings& settings,
                               bool debug)
{
    return open_traced_engine(std::move(executor), settings, debug_trace(context, debug));
}

Result<OpenEngine> open_traced_engine(asio::any_io_executor executor, const Settings& settings, docker::Trace trace)
{
    const docker::EndpointInputs inputs = inputs_of(settings);
    const auto endpoint = docker::find_endpoint(inputs);
    if (!endpoint) return endpoint.error();
    auto engine =
        docker::make_engine(std::move(executor), *endpoint, docker::config_directory(inputs), std::move(trace));
    if (!engine) return engine.error();
    return OpenEngine{std::move(*engine), endpoint->shown};
}

}  // namespace sbx::cli
