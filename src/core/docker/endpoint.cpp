#include "core/docker/endpoint.hpp"

#include "core/docker/context.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>
#include <optional>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace sbx::docker {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t plain_port = 2375;
constexpr std::uint16_t tls_port = 2376;

std::string variable(const EndpointInputs& inputs, const std::string& name)
{
    const auto at = inputs.environment.find(name);
    return at == inputs.environment.end() ? std::string() : at->second;
}

/// `host` without what may be a password: messages end up in logs.
std::string shown(std::string_view host)
{
    const std::size_t at = host.rfind('@');
    const std::size_t scheme = host.find("://");
    if (at == std::string_view::npos || scheme == std::string_view::npos || at < scheme) return std::string(host);
    const std::size_t colon = host.find(':', scheme + 3);
    if (colon > at) return std::string(host);
    return fmt::format("{}:…{}", host.substr(0, colon), host.substr(at));
}

Error bad_host(std::string_view host, std::string_view why)
{
    return Error(Errc::invalid_argument, fmt::format("docker: the host '{}' {}", shown(host), why),
                 "DOCKER_HOST=unix:///var/run/docker.sock");
}

/// 0 where none is given; nothing for what is none. Boost.URL takes 99999 for 34463.
std::optional<std::uint16_t> port_of(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || (ec == std::errc() && end == text.data() + text.size() && port > 0)) return port;
    return std::nullopt;
}

Result<Endpoint> parse_ssh(std::string_view host, const boost::urls::url_view& url, Endpoint endpoint)
{
    endpoint.scheme = Scheme::ssh;
    endpoint.user = url.user();
    endpoint.path = url.path() == "/" ? std::string() : std::string(url.path());
    // What begins with a dash would be an option of ssh.
    if (endpoint.host.front() == '-' || endpoint.user.starts_with('-')) return bad_host(host, "begins with a dash");
    return endpoint;
}

Result<Endpoint> parse_url(std::string_view host, const TlsFiles* tls)
{
    const auto parsed = boost::urls::parse_uri(host);
    const std::string scheme = parsed ? std::string(parsed->scheme()) : std::string();
    if (scheme != "ssh" && scheme != "tcp" && scheme != "http" && scheme != "https")
        return bad_host(host, "is not unix://, tcp:// or ssh://");
    Endpoint endpoint;
    endpoint.shown = host;
    endpoint.host = std::string(parsed->host_address());
    const auto port = port_of(std::string_view(parsed->port().data(), parsed->port().size()));
    if (endpoint.host.empty()) return bad_host(host, "names no machine");
    if (!port) return bad_host(host, "has a port that none can be");
    endpoint.port = *port;
    if (parsed->has_password()) return bad_host(host, "holds a password, which is of no use there");
    if (scheme == "ssh") return parse_ssh(host, *parsed, std::move(endpoint));
    if (!parsed->path().empty() && parsed->path() != "/") return bad_host(host, "has a path, which sbx does not take");
    endpoint.scheme = tls || scheme == "https" ? Scheme::tls : Scheme::tcp;
    if (tls) endpoint.tls = *tls;
    if (endpoint.port == 0) endpoint.port = endpoint.scheme == Scheme::tls ? tls_port : plain_port;
    return endpoint;
}

std::optional<TlsFiles> tls_of(const EndpointInputs& inputs)
{
    const bool verify = !variable(inputs, "DOCKER_TLS_VERIFY").empty();
    if (!verify && variable(inputs, "DOCKER_TLS").empty()) return std::nullopt;
    const std::string named = variable(inputs, "DOCKER_CERT_PATH");
    const fs::path directory = named.empty() ? config_directory(inputs) : fs::path(named);
    TlsFiles files = tls_files(directory, verify);
    // Docker's client demands it too: the system's authorities vouch for too many.
    if (verify) files.ca = directory / "ca.pem";
    return files;
}

/// Where Docker engines put their sockets, most usual first.
std::vector<fs::path> usual_sockets(const EndpointInputs& inputs)
{
    std::vector<fs::path> paths{inputs.system_socket};
    const std::string runtime = variable(inputs, "XDG_RUNTIME_DIR");
    if (!runtime.empty()) paths.push_back(fs::path(runtime) / "docker.sock");
    const fs::path home = variable(inputs, "HOME");
    if (home.empty()) return paths;
    const std::string xdg_config = variable(inputs, "XDG_CONFIG_HOME");
    const fs::path config = xdg_config.empty() ? home / ".config" : fs::path(xdg_config);
    paths.push_back(home / ".docker/run/docker.sock");
    paths.push_back(home / ".colima/default/docker.sock");
    paths.push_back(home / ".colima/docker.sock");
    paths.push_back(config / "colima/default/docker.sock");
    return paths;
}

Result<Endpoint> find_socket(const EndpointInputs& inputs)
{
    const std::vector<fs::path> paths = usual_sockets(inputs);
    std::error_code ec;
    for (const fs::path& path : paths)
        if (fs::is_socket(path, ec)) return parse_host("unix://" + path.string(), nullptr);

    const std::string runtime = variable(inputs, "XDG_RUNTIME_DIR");
    for (const fs::path& podman : {fs::path(runtime) / "podman/podman.sock", inputs.system_podman_socket})
        if (podman.is_absolute() && fs::is_socket(podman, ec))
            return Error(
                Errc::unavailable,
                fmt::format("docker: no Docker socket, only Podman's at {}, whose compatible API ignores settings "
                            "that sandboxes need",
                            podman.string()),
                "install Docker: sudo apt install docker.io");
    std::vector<std::string> tried;
    tried.reserve(paths.size());
    for (const fs::path& path : paths) tried.push_back(path.string());
    return Error(Errc::unavailable, fmt::format("docker: no engine found, tried {}", fmt::join(tried, ", ")),
                 "install Docker (sudo apt install docker.io) or start it (sudo systemctl start docker)");
}

}  // namespace

EndpointInputs process_inputs()
{
    EndpointInputs inputs;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos)
            inputs.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return inputs;
}

fs::path config_directory(const EndpointInputs& inputs)
{
    const std::string named = variable(inputs, "DOCKER_CONFIG");
    return named.empty() ? fs::path(variable(inputs, "HOME")) / ".docker" : fs::path(named);
}

Result<Endpoint> parse_host(std::string_view host, const TlsFiles* tls)
{
    constexpr std::string_view unix_scheme = "unix://";
    if (!host.starts_with(unix_scheme)) return parse_url(host, tls);
    Endpoint endpoint;
    endpoint.path = host.substr(unix_scheme.size());
    endpoint.shown = host;
    if (!endpoint.path.starts_with('/')) return bad_host(host, "needs an absolute path");
    if (endpoint.path.size() > 107) return bad_host(host, "is longer than a socket's path can be");
    return endpoint;
}

Result<Endpoint> find_endpoint(const EndpointInputs& inputs)
{
    const std::optional<TlsFiles> tls = tls_of(inputs);
    const std::string host = inputs.host.empty() ? variable(inputs, "DOCKER_HOST") : inputs.host;
    const bool configured = !inputs.host.empty() || !inputs.context.empty();
    if (!inputs.host.empty() || (!configured && !host.empty())) return parse_host(host, tls ? &*tls : nullptr);

    std::string context = inputs.context.empty() ? variable(inputs, "DOCKER_CONTEXT") : inputs.context;
    if (context.empty()) {
        Result<std::string> current = current_context(config_directory(inputs));
        if (!current) return current.error();
        context = std::move(*current);
    }
    if (context.empty() || context == "default") return find_socket(inputs);
    return read_context(config_directory(inputs), context);
}

}  // namespace sbx::docker
