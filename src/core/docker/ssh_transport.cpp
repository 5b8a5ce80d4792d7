#include "core/docker/ssh_transport.hpp"

#include "core/docker/child_transport.hpp"

#include <fmt/format.h>

namespace sbx::docker {

std::vector<std::string> ssh_command(const Endpoint& endpoint)
{
    std::vector<std::string> command{"ssh", "-o", "ConnectTimeout=30", "-T"};
    if (!endpoint.user.empty()) command.insert(command.end(), {"-l", endpoint.user});
    if (endpoint.port != 0) command.insert(command.end(), {"-p", std::to_string(endpoint.port)});
    command.insert(command.end(), {"--", endpoint.host, "docker"});
    if (!endpoint.path.empty()) command.insert(command.end(), {"--host", "unix://" + endpoint.path});
    command.insert(command.end(), {"system", "dial-stdio"});
    return command;
}

Result<std::unique_ptr<Transport>> start_ssh(asio::any_io_executor executor, const Endpoint& endpoint)
{
    auto child = start_child(std::move(executor), ssh_command(endpoint));
    if (!child)
        return Error(Errc::unavailable,
                     fmt::format("docker: cannot reach {}: {}", endpoint.shown, child.error().message),
                     "install an ssh client");
    return std::unique_ptr<Transport>(std::move(*child));
}

}  // namespace sbx::docker
