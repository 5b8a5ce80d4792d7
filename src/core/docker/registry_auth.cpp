#include "core/docker/registry_auth.hpp"

#include "core/docker/child_transport.hpp"
#include "core/docker/connection.hpp"
#include "core/docker/context.hpp"
#include "core/docker/credentials.hpp"

#include <fmt/format.h>

namespace sbx::docker {
namespace {

constexpr std::chrono::seconds helper_limit(30);  // it may ask its user
constexpr std::size_t max_helper_bytes = 256U << 10;

/// Reads to the end. A helper that left its question unread ends its stream with an error, after its answer.
asio::awaitable<Result<std::string>> read_answer(std::shared_ptr<Connection> connection)
{
    std::string output;
    for (std::string part(4096, '\0'); output.size() <= max_helper_bytes;) {
        const Result<std::size_t> count = co_await connection->read_some(part);
        if (!count && count.error().code != Errc::unavailable) co_return count.error();
        if (!count || *count == 0) break;
        output.append(part, 0, *count);
    }
    co_return output;
}

/// What `docker-credential-NAME get` prints for the registry.
asio::awaitable<Result<std::string>> ask_helper(asio::any_io_executor executor, std::string command,
                                                std::string registry)
{
    auto child = start_child(executor, {command, "get"});
    if (!child) co_return child.error();
    ChildTransport& helper = **child;
    const auto connection = std::make_shared<Connection>(executor, std::move(*child));
    connection->expire_after(helper_limit);
    const std::string key = config_key(registry);
    const Result<void> asked = co_await connection->write(key);
    if (!asked && asked.error().code != Errc::unavailable) co_return asked.error();
    helper.end_input();
    co_return co_await read_answer(connection);
}

/// A helper's failure says how to go on without it.
Error helper_error(const Error& error, const std::string& command, const std::filesystem::path& config_directory)
{
    const std::string hint =
        fmt::format("remove it from credsStore or credHelpers in {}", (config_directory / "config.json").string());
    if (error.code == Errc::cancelled) return error;
    if (error.code == Errc::deadline_exceeded)
        return Error(error.code, fmt::format("{} did not answer in time", command), hint);
    return Error(error.code, error.message, hint);
}

}  // namespace

asio::awaitable<Result<std::string>> registry_auth(asio::any_io_executor executor,
                                                   std::filesystem::path config_directory, std::string registry)
{
    const Result<nlohmann::json> config = read_config(config_directory);
    if (!config) co_return config.error();
    if (!config->is_object()) co_return std::string();
    const std::string helper = credential_helper(*config, registry);
    if (helper.empty()) co_return auth_from_config(*config, registry);
    if (helper.find('/') != std::string::npos)
        co_return Error(Errc::invalid_argument, fmt::format("docker: not a credential helper's name: {}", helper));
    const std::string command = "docker-credential-" + helper;
    const Result<std::string> output = co_await ask_helper(std::move(executor), command, registry);
    if (!output) co_return helper_error(output.error(), command, config_directory);
    if (output->find("credentials not found") != std::string::npos) co_return auth_from_config(*config, registry);
    const Result<std::string> auth = auth_from_helper(*output, registry);
    if (!auth) co_return helper_error(auth.error(), command, config_directory);
    co_return auth;
}

}  // namespace sbx::docker
