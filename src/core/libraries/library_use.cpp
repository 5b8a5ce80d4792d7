#include "core/libraries/library_use.hpp"

#include "core/lang/words.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace sbx {
namespace {

namespace fs = std::filesystem;

/// Where a system has the certificates it trusts.
std::optional<fs::path> host_certificates(const Environment& environment)
{
    if (const auto named = environment("SSL_CERT_FILE")) return *named;
    constexpr std::array usual{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                               "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
    for (const char* path : usual) {
        std::error_code ec;
        if (fs::exists(path, ec)) return path;
    }
    return std::nullopt;
}

/// The program's own files come later and take its place.
void add_stand_in(RunRequest& request, const PackageIndex& index)
{
    InputFile input;
    input.target = fmt::format("/work/{}", index.stand_in);
    input.content = std::string(index.stand_in_text);
    request.files.insert(request.files.begin(), std::move(input));
}

}  // namespace

InstallPolicy install_policy(const Settings& settings, const Environment& environment)
{
    InstallPolicy policy;
    policy.urls = settings.indexes;
    policy.proxy = settings.library_proxy;
    if (settings.trust_host_ca) policy.certificates = host_certificates(environment);
    policy.permit = settings.egress_permit;
    policy.most_bytes = settings.library_bytes;
    policy.most_bytes_of_all = settings.all_library_bytes;
    policy.timeout = settings.install_timeout;
    return policy;
}

void use_libraries(RunRequest& request, const LibraryRequest& wanted, const MountedLibraries& libraries)
{
    request.libraries.push_back(libraries.mount);
    for (auto at = libraries.variables.rbegin(); at != libraries.variables.rend(); ++at)
        if (!request.preload.empty()) request.preload.insert(request.preload.begin(), at->first + "=" + at->second);
    request.environment = merged(libraries.variables, std::move(request.environment));
    if (!wanted.index->stand_in.empty()) add_stand_in(request, *wanted.index);
    if (request.compile.empty()) return;
    for (const std::string_view word : words(wanted.index->compile_arguments)) request.compile.emplace_back(word);
}

}  // namespace sbx
