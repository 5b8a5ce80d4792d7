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

/// What `docker-credential-NAME get` prints for the registry.
asio::awaitable<Result<std::string>> ask_helper(asio::any_io_executor executor, std::string name, std::string registry)
{
    auto child = start_child(executor, {"docker-credential-" + name, "get"});
    if (!child) co_return child.error();
    ChildTransport& helper = **child;
    const auto connection = std::make_shared<Connection>(executor, std::move(*child));
    connection->expire_after(helper_limit);
    const std::string key = config_key(registry);
    const Result<void> asked = co_await connection->write(key);
    if (!asked) co_return asked.error();
    helper.end_input();
    std::string output;
    for (std::string part(4096, '\0'); output.size() <= max_helper_bytes;) {
        const Result<std::size_t> count = co_await connection->read_some(part);
        if (!count) co_return count.error();
        if (*count == 0) break;
        output.append(part, 0, *count);
    }
    co_return output;
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
    const Result<std::string> output = co_await ask_helper(std::move(executor), helper, registry);
    if (!output) co_return output.error();
    if (output->find("credentials not found") != std::string::npos) co_return auth_from_config(*config, registry);
    co_return auth_from_helper(*output, registry);
}

}  // namespace sbx::docker
