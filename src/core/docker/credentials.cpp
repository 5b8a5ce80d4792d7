#include "core/docker/credentials.hpp"

#include "core/docker/reply.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace sbx::docker {
namespace {

using nlohmann::json;

constexpr std::string_view hub = "docker.io";
constexpr std::string_view hub_key = "https://index.docker.io/v1/";

std::string base64(std::string_view text)
{
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), in, static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::string decode_base64(std::string_view text)
{
    std::string out(3 * text.size() / 4 + 3, '\0');
    const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), in, static_cast<int>(text.size()));
    if (size < 0) return {};
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    out.resize(static_cast<std::size_t>(size) - padding);
    out.erase(out.find_last_not_of('\0') + 1);  // Docker does so too, and padding before a line's end is not seen above
    return out;
}

/// The engine wants the alphabet that is safe in URLs.
std::string header_value(const json& auth)
{
    std::string text = base64(auth.dump());
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

/// Config files name a registry with or without scheme and path.
std::string bare_host(std::string_view key)
{
    const std::size_t scheme = key.find("://");
    if (scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
    return std::string(key.substr(0, key.find('/')));
}

json auth_of(const json& entry, std::string_view registry)
{
    json auth = {{"serveraddress", config_key(registry)}};
    if (entry.contains("identitytoken") && !entry["identitytoken"].get<std::string>().empty()) {
        auth["identitytoken"] = entry["identitytoken"];
        return auth;
    }
    const std::string pair = decode_base64(entry.value("auth", std::string()));
    const std::size_t colon = pair.find(':');
    if (colon == std::string::npos) return nullptr;
    auth["username"] = pair.substr(0, colon);
    auth["password"] = pair.substr(colon + 1);
    return auth;
}

}  // namespace

ImageReference parse_reference(std::string_view reference)
{
    ImageReference image;
    std::string_view name = reference;
    const std::size_t at = name.find('@');
    std::string_view digest;
    if (at != std::string_view::npos) {
        digest = name.substr(at + 1);
        name = name.substr(0, at);
    }
    const std::size_t slash = name.find('/');
    const std::string_view first = name.substr(0, slash == std::string_view::npos ? 0 : slash);
    const bool has_registry = first.find_first_of(".:") != std::string_view::npos || first == "localhost";
    image.registry = has_registry ? first : hub;
    const std::size_t colon = name.rfind(':');
    const std::size_t last_slash = name.rfind('/');
    const bool has_tag =
        colon != std::string_view::npos && (last_slash == std::string_view::npos || colon > last_slash);
    image.repository = has_tag ? name.substr(0, colon) : name;
    image.tag = !digest.empty() ? digest : has_tag ? name.substr(colon + 1) : std::string_view("latest");
    return image;
}

std::string config_key(std::string_view registry)
{
    return std::string(registry == hub ? hub_key : registry);
}

std::string credential_helper(const json& config, std::string_view registry)
{
    const auto helper = read_json(config, [&](const json& file) {
        const json helpers = file.value("credHelpers", json::object());
        const std::string special = helpers.value(config_key(registry), helpers.value(std::string(registry), ""));
        return special.empty() ? file.value("credsStore", std::string()) : special;
    });
    return helper ? *helper : std::string();
}

std::string auth_from_config(const json& config, std::string_view registry)
{
    const std::string wanted = bare_host(config_key(registry));
    const auto found = read_json(config, [&](const json& file) -> std::string {
        const json auths = file.value("auths", json::object());
        for (const auto& [key, entry] : auths.items()) {
            if (bare_host(key) != wanted) continue;
            const json auth = auth_of(entry, registry);
            if (!auth.is_null()) return header_value(auth);
        }
        return {};
    });
    return found ? *found : std::string();
}

Result<std::string> auth_from_helper(std::string_view output, std::string_view registry)
{
    const json printed = json::parse(output, nullptr, false);
    const auto auth = read_json(printed, [&](const json& reply) {
        json made = {{"serveraddress", config_key(registry)}};
        const std::string user = reply.at("Username").get<std::string>();
        const bool is_token = user == "<token>";
        if (!is_token) made["username"] = user;
        made[is_token ? "identitytoken" : "password"] = reply.at("Secret").get<std::string>();
        return header_value(made);
    });
    if (!auth)
        return Error(Errc::unauthenticated,
                     fmt::format("the credential helper for {} did not answer as one", registry));
    return *auth;
}

}  // namespace sbx::docker
