#include "core/docker/context.hpp"

#include "core/docker/reply.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>

namespace sbx::docker {
namespace {

namespace fs = std::filesystem;

std::string sha256_hex(std::string_view text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

Result<nlohmann::json> read_json_file(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        std::error_code ec;
        const bool is_missing = fs::symlink_status(path, ec).type() == fs::file_type::not_found;
        if (is_missing || ec) return nlohmann::json();  // ec: the directory is somebody else's
        return Error(Errc::invalid_argument, fmt::format("docker: cannot read {}", path.string()),
                     fmt::format("ls -l {}", path.string()));
    }
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        return Error(Errc::invalid_argument, fmt::format("docker: {} is not a JSON object", path.string()),
                     fmt::format("mv {0} {0}.broken", path.string()));
    return json;
}

}  // namespace

Result<nlohmann::json> read_config(const fs::path& directory)
{
    return read_json_file(directory / "config.json");
}

Result<std::string> current_context(const fs::path& directory)
{
    const Result<nlohmann::json> config = read_config(directory);
    if (!config) return config.error();
    if (!config->is_object()) return std::string();
    return read_json(*config, [](const nlohmann::json& json) { return json.value("currentContext", std::string()); });
}

TlsFiles tls_files(const fs::path& directory, bool verify)
{
    // One that is there and can't be looked at is an error of the connection: never a reason to go without TLS.
    const auto existing = [&](const char* name) {
        std::error_code ec;
        return fs::symlink_status(directory / name, ec).type() != fs::file_type::not_found ? directory / name
                                                                                           : fs::path();
    };
    TlsFiles files;
    files.ca = existing("ca.pem");
    files.certificate = existing("cert.pem");
    files.key = existing("key.pem");
    files.verify = verify;
    return files;
}

Result<Endpoint> read_context(const fs::path& directory, const std::string& name)
{
    const std::string digest = sha256_hex(name);
    const Result<nlohmann::json> meta = read_json_file(directory / "contexts/meta" / digest / "meta.json");
    if (!meta) return meta.error();
    if (meta->is_null())
        return Error(Errc::invalid_argument, fmt::format("docker: no such context: {}", name), "docker context ls");

    struct Docker {
        std::string host;
        bool skip_verify = false;
    };
    const auto docker = read_json(*meta, [](const nlohmann::json& json) {
        const auto& endpoint = json.at("Endpoints").at("docker");
        return Docker{endpoint.value("Host", std::string()), endpoint.value("SkipTLSVerify", false)};
    });
    if (!docker)
        return Error(Errc::invalid_argument, fmt::format("docker: the context {} has no endpoint", name),
                     fmt::format("docker context inspect {}", name));
    const TlsFiles tls = tls_files(directory / "contexts/tls" / digest / "docker", !docker->skip_verify);
    const bool secured = !tls.ca.empty() || !tls.certificate.empty() || docker->skip_verify;
    return parse_host(docker->host, secured ? &tls : nullptr);
}

}  // namespace sbx::docker
