#include "core/docker/ssh_transport.hpp"

#include "core/docker/child_transport.hpp"

#include <fmt/format.h>

namespace sbx::docker {
namespace {

/// `text` as one word of the shell on the other side, which takes ssh's arguments for one line.
std::string shell_word(const std::string& text)
{
    constexpr const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
    if (text.find_first_not_of(plain) == std::string::npos) return text;
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

}  // namespace

std::vector<std::string> ssh_command(const Endpoint& endpoint)
{
    std::vector<std::string> command{"ssh", "-o", "ConnectTimeout=30", "-T"};
    if (!endpoint.user.empty()) command.insert(command.end(), {"-l", endpoint.user});
    if (endpoint.port != 0) command.insert(command.end(), {"-p", std::to_string(endpoint.port)});
    command.insert(command.end(), {"--", endpoint.host, "docker"});
    if (!endpoint.path.empty()) command.insert(command.end(), {"--host", shell_word("unix://" + endpoint.path)});
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
