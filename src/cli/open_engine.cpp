#include "cli/open_engine.hpp"

#include "core/docker/engine.hpp"

namespace sbx::cli {
namespace {

docker::Trace trace_to(const Context& context)
{
    return [&context](std::string_view method, std::string_view path, unsigned status,
                      std::chrono::microseconds duration) {
        context.say(fmt::format("{}: debug: {} {} {} {:.1f} ms", context.program, method, path, status,
                                static_cast<double>(duration.count()) / 1000));
    };
}

docker::EndpointInputs inputs_of(const Settings& settings)
{
    docker::EndpointInputs inputs = docker::process_inputs();
    inputs.host = settings.docker_host;
    inputs.context = settings.docker_context;
    return inputs;
}

}  // namespace

Result<docker::Endpoint> configured_endpoint(const Settings& settings)
{
    return docker::find_endpoint(inputs_of(settings));
}

Result<OpenEngine> open_engine(asio::any_io_executor executor, const Context& context, const Settings& settings,
                               bool debug)
{
    const docker::EndpointInputs inputs = inputs_of(settings);
    const auto endpoint = docker::find_endpoint(inputs);
    if (!endpoint) return endpoint.error();
    const bool traced = debug || context.environment("SBX_DEBUG");
    auto engine = docker::make_engine(std::move(executor), *endpoint, docker::config_directory(inputs),
                                      traced ? trace_to(context) : docker::Trace());
    if (!engine) return engine.error();
    return OpenEngine{std::move(*engine), endpoint->shown};
}

}  // namespace sbx::cli
