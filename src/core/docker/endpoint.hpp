#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::docker {

enum class Scheme { unix_socket, tcp, tls, ssh };

/// Where certificates lie; an empty path means "none".
struct TlsFiles {
    std::filesystem::path ca;           ///< empty: the system's
    std::filesystem::path certificate;  ///< the client's own
    std::filesystem::path key;
    bool verify = true;  ///< check the engine's certificate and name

    bool operator==(const TlsFiles&) const = default;
};

/// Where an engine is reached.
struct Endpoint {
    Scheme scheme = Scheme::unix_socket;
    std::string path;  ///< of the socket; with ssh: of the remote socket, empty for the remote default
    std::string host;
    std::uint16_t port = 0;  ///< 0 with ssh: ssh's own choice
    std::string user;        ///< ssh only
    TlsFiles tls;
    std::string shown;  ///< as a user would write it: "unix:///var/run/docker.sock"

    bool operator==(const Endpoint&) const = default;
};

inline constexpr std::string_view default_system_socket = "/var/run/docker.sock";

/// What decides on the endpoint.
struct EndpointInputs {
    std::map<std::string, std::string> environment;
    std::string host;     ///< from sbx's own configuration; wins over the environment
    std::string context;  ///< likewise: the name of a Docker context
    /// Tried in this order when nothing names an endpoint.
    std::filesystem::path system_socket = default_system_socket;
    std::filesystem::path system_podman_socket = "/run/podman/podman.sock";
};

/// The inputs of this process.
EndpointInputs process_inputs();

/// The endpoint that Docker's own client would take (DOCKER_HOST, DOCKER_CONTEXT, the current context of Docker's
/// config file), and where that says nothing the first socket that exists: the system's, rootless Docker's, Docker
/// Desktop's, Colima's.
/// @error unavailable       no socket was found (the message names those tried), or only Podman's
/// @error invalid_argument  a host, a context or a config file that is not there or can't be read
/// @source docker/cli: cli/command/cli.go, cli/context/store
Result<Endpoint> find_endpoint(const EndpointInputs& inputs);

/// `unix://PATH`, `tcp://HOST[:PORT]`, `ssh://[USER@]HOST[:PORT][/SOCKET]`, `http(s)://…` as tcp. TLS as given by
/// `tls`.
/// @error invalid_argument
Result<Endpoint> parse_host(std::string_view host, const TlsFiles* tls);

/// Docker's own directory: DOCKER_CONFIG, or `.docker` in the home directory.
std::filesystem::path config_directory(const EndpointInputs& inputs);

}  // namespace sbx::docker
