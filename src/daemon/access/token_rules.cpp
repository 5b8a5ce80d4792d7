#include "daemon/access/token_rules.hpp"

#include "core/whole_file.hpp"
#include "daemon/http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <utility>

namespace sbx::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view public_key_variable = "CODEAPI_JWT_PUBLIC_KEY";
constexpr std::string_view public_key_id_variable = "CODEAPI_JWT_PUBLIC_KEY_KID";
constexpr std::string_view key_set_variable = "CODEAPI_JWT_JWKS_JSON";
constexpr std::string_view directory_variable = "CODEAPI_JWT_PUBLIC_KEYS_DIR";
constexpr std::string_view secret_variable = "CODEAPI_JWT_HS256_SECRET";
constexpr std::string_view algorithms_variable = "CODEAPI_JWT_ALLOWED_ALGS";
constexpr std::string_view skew_variable = "CODEAPI_JWT_CLOCK_SKEW_SECONDS";

constexpr std::size_t most_keys = 100;
constexpr std::uintmax_t most_file_bytes = std::uintmax_t{64} << 10;
constexpr int most_skew_seconds = 30;

Error wrong(std::string_view variable, std::string_view what)
{
    return Error(Errc::invalid_argument, fmt::format("{}: {}", variable, what));
}

Result<void> add(TokenRules& rules, std::string_view variable, Result<TokenKey> key)
{
    if (!key) return wrong(variable, key.error().message);
    rules.keys.push_back(std::move(*key));
    return {};
}

/// A text whose lines may be written in one, as files of variables need it.
std::string with_line_ends(std::string text)
{
    constexpr std::string_view written = "\\n";
    for (std::size_t at = text.find(written); at != std::string::npos; at = text.find(written, at + 1))
        text.replace(at, written.size(), "\n");
    return text;
}

Result<void> add_public_key(TokenRules& rules, const Environment& environment)
{
    std::optional<std::string> pem = environment(public_key_variable);
    if (!pem) return {};
    return add(rules, public_key_variable,
               TokenKey::from_pem(with_line_ends(std::move(*pem)), environment(public_key_id_variable)));
}

Result<void> add_key_set(TokenRules& rules, const Environment& environment)
{
    const std::optional<std::string> json = environment(key_set_variable);
    if (!json) return {};
    Result<std::vector<TokenKey>> keys = token_keys_of_set(*json);
    if (!keys) return wrong(key_set_variable, keys.error().message);
    std::ranges::move(*keys, std::back_inserter(rules.keys));
    return {};
}

Result<void> add_file(TokenRules& rules, const fs::path& file)
{
    std::error_code ec;
    const bool is_small = fs::file_size(file, ec) <= most_file_bytes && !ec;
    const std::optional<std::string> pem = is_small ? read_whole_file(file) : std::nullopt;
    if (!pem) return wrong(directory_variable, fmt::format("{} cannot be read", file.filename().string()));
    Result<TokenKey> key = TokenKey::from_pem(*pem, file.stem().string());
    if (!key) return wrong(directory_variable, fmt::format("{}: {}", file.filename().string(), key.error().message));
    rules.keys.push_back(std::move(*key));
    return {};
}

/// The files of a directory but for hidden ones: where secrets are mounted into a container, the others are links into
/// those.
Result<std::vector<fs::path>> files_in(const fs::path& directory)
{
    std::vector<fs::path> files;
    std::error_code ec;
    fs::directory_iterator at(directory, ec);
    for (; !ec && at != fs::directory_iterator(); at.increment(ec))
        if (!at->path().filename().string().starts_with('.') && !at->is_directory(ec)) files.push_back(at->path());
    if (ec) return wrong(directory_variable, ec.message());
    if (files.empty()) return wrong(directory_variable, "it holds no keys");
    if (files.size() > most_keys) return wrong(directory_variable, "it holds more than 100 files");
    std::ranges::sort(files);
    return files;
}

Result<void> add_directory(TokenRules& rules, const Environment& environment)
{
    const std::optional<std::string> directory = environment(directory_variable);
    if (!directory) return {};
    const Result<std::vector<fs::path>> files = files_in(*directory);
    if (!files) return files.error();
    for (const fs::path& file : *files)
        if (Result<void> added = add_file(rules, file); !added) return added;
    return {};
}

Result<void> add_secret(TokenRules& rules, const Environment& environment)
{
    const std::optional<std::string> secret = environment(secret_variable);
    if (!secret) return {};
    rules.algorithms.push_back(TokenAlgorithm::hs256);
    return add(rules, secret_variable, TokenKey::from_secret(*secret));
}

/// Where there are two public keys, each needs an id of its own.
Result<void> check_ids(const TokenRules& rules)
{
    std::vector<std::string> ids;
    std::size_t public_keys = 0;
    for (const TokenKey& key : rules.keys) {
        if (key.algorithm() != TokenAlgorithm::hs256) ++public_keys;
        if (key.id()) ids.push_back(*key.id());
    }
    std::ranges::sort(ids);
    const auto twice = std::ranges::adjacent_find(ids);
    if (twice != ids.end())
        return Error(Errc::invalid_argument, fmt::format("two keys of CODEAPI_JWT_… have the kid '{}'", *twice));
    if (public_keys > 1 && ids.size() < public_keys)
        return Error(Errc::invalid_argument, "a key of CODEAPI_JWT_… has no kid, and there are others",
                     fmt::format("set {}", public_key_id_variable));
    return {};
}

Result<void> set_algorithms(TokenRules& rules, const Environment& environment)
{
    const std::optional<std::string> list = environment(algorithms_variable);
    if (!list) return {};
    rules.algorithms.clear();
    std::string_view rest = *list;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const std::string_view name = trimmed(rest.substr(0, comma));
        const std::optional<TokenAlgorithm> algorithm = token_algorithm(name);
        if (!algorithm) return wrong(algorithms_variable, fmt::format("'{}' is none of EdDSA, RS256 and HS256", name));
        rules.algorithms.push_back(*algorithm);
        more = comma != std::string_view::npos;
        rest.remove_prefix(more ? comma + 1 : rest.size());
    }
    return {};
}

Result<void> set_clock_skew(TokenRules& rules, const Environment& environment)
{
    const std::optional<std::string> text = environment(skew_variable);
    if (!text) return {};
    int seconds = -1;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (ec != std::errc() || end != text->data() + text->size() || seconds < 0 || seconds > most_skew_seconds)
        return wrong(skew_variable, "it must be a number from 0 to 30");
    rules.clock_skew = std::chrono::seconds(seconds);
    return {};
}

void set_names(TokenRules& rules, const Environment& environment)
{
    for (const auto& [variable, name] :
         {std::pair("CODEAPI_JWT_ISSUER", &rules.issuer), std::pair("CODEAPI_JWT_AUDIENCE", &rules.audience),
          std::pair("CODEAPI_JWT_SINGLE_TENANT_ID", &rules.tenant)}) {
        const std::string given(trimmed(environment(variable).value_or("")));
        if (!given.empty()) *name = given;
    }
}

}  // namespace

Result<std::optional<TokenRules>> token_rules_from(const Environment& environment)
{
    TokenRules rules;
    for (const auto add_keys : {add_public_key, add_key_set, add_directory, add_secret})
        if (Result<void> added = add_keys(rules, environment); !added) return added.error();
    if (rules.keys.empty()) return std::optional<TokenRules>();
    if (Result<void> distinct = check_ids(rules); !distinct) return distinct.error();
    for (const auto set : {set_algorithms, set_clock_skew})
        if (Result<void> done = set(rules, environment); !done) return done.error();
    set_names(rules, environment);
    return std::optional<TokenRules>(std::move(rules));
}

}  // namespace sbx::daemon
