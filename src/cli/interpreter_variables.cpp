#include "cli/interpreter_variables.hpp"

#include "cli/variable_number.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace sbx::cli {
namespace {

constexpr std::uint32_t most_seconds = 3600;
constexpr std::uint32_t most_minutes = 7 * 24 * 60;
constexpr std::uint32_t most_hours = 365 * 24;
constexpr std::uint32_t most_megabytes = 64 << 10;
constexpr std::uint32_t most_bytes = 1 << 30;
constexpr std::uint32_t most_files = 10'000;

std::string word(const Context& context, const char* name)
{
    return context.environment(name).value_or("");
}

Result<void> check_word(const char* name, const std::string& word, std::initializer_list<std::string_view> known,
                        const std::string& hint)
{
    if (word.empty() || std::ranges::find(known, word) != known.end()) return {};
    return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not possible", name, word), hint);
}

Result<void> read_bounds(const Context& context, daemon::InterpreterBounds& bounds)
{
    const auto memory = variable_number(context, "CI_MAX_MEMORY_MB", most_megabytes,
                                        static_cast<std::uint32_t>(bounds.memory_bytes >> 20U));
    if (!memory) return memory.error();
    bounds.memory_bytes = std::uint64_t{*memory} << 20U;
    const auto seconds = variable_number(context, "CI_MAX_RUN_TIMEOUT_SECONDS", most_seconds,
                                         static_cast<std::uint32_t>(bounds.run_time / std::chrono::seconds(1)));
    if (!seconds) return seconds.error();
    bounds.run_time = std::chrono::seconds(*seconds);
    const auto bytes =
        variable_number(context, "CI_MAX_FILE_SIZE_BYTES", most_bytes, static_cast<std::uint32_t>(bounds.file_bytes));
    if (!bytes) return bytes.error();
    bounds.file_bytes = *bytes;
    const auto session_files = variable_number(context, "CI_MAX_FILES_PER_SESSION", most_files,
                                               static_cast<std::uint32_t>(bounds.session_files));
    if (!session_files) return session_files.error();
    bounds.session_files = *session_files;
    const auto run_files =
        variable_number(context, "CI_MAX_FILES_PER_RUN", most_files, static_cast<std::uint32_t>(bounds.run_files));
    if (!run_files) return run_files.error();
    bounds.run_files = *run_files;
    const auto minutes = variable_number(context, "CI_SESSION_TTL_MINUTES", most_minutes,
                                         static_cast<std::uint32_t>(bounds.session_life.count()));
    if (!minutes) return minutes.error();
    bounds.session_life = std::chrono::minutes(*minutes);
    const auto hours =
        variable_number(context, "CI_FILE_TTL_HOURS", most_hours, static_cast<std::uint32_t>(bounds.file_life.count()));
    if (!hours) return hours.error();
    bounds.file_life = std::chrono::hours(*hours);
    return {};
}

/// `KEY,KEY`
std::vector<std::string> keys_of(std::string_view text)
{
    std::vector<std::string> keys;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (comma > 0) keys.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return keys;
}

/// With tokens there is no usual key: nobody needs it.
Result<void> read_access(const Context& context, daemon::librechat::AccessOptions& access)
{
    const std::string mode = word(context, "CI_AUTH");
    if (const auto sound = check_word("CI_AUTH", mode, {"key", "none"}, "CI_AUTH=key, or CI_AUTH=none"); !sound)
        return sound;
    access.needs_key = mode != "none";
    const std::string anywhere = word(context, "CI_AUTH_ANYWHERE");
    if (const auto sound = check_word("CI_AUTH_ANYWHERE", anywhere, {"true", "false"}, "CI_AUTH_ANYWHERE=true"); !sound)
        return sound;
    access.is_open_to_others = anywhere == "true";
    auto tokens = daemon::token_rules_from(context.environment);
    if (!tokens) return tokens.error();
    access.tokens = std::move(*tokens);
    if (access.tokens) access.keys.clear();
    if (auto keys = keys_of(word(context, "CI_API_KEY")); !keys.empty()) access.keys = std::move(keys);
    return {};
}

/// Where the server that it stands for had its files, if that is there.
std::filesystem::path files_directory(const Context& context)
{
    constexpr const char* usual = "/data/code-interpreter";
    if (const std::string named = word(context, "CI_FILE_STORAGE_PATH"); !named.empty()) return named;
    return ::access(usual, W_OK | X_OK) == 0 ? usual : "";
}

}  // namespace

Result<void> read_interpreter_variables(const Context& context, daemon::InterpreterOptions& options)
{
    const auto backend = check_word("CI_BACKEND", word(context, "CI_BACKEND"), {"docker"},
                                    "CI_BACKEND=docker: containers are made by Docker's engine alone");
    if (!backend) return backend;
    if (const auto read = read_bounds(context, options.bounds); !read) return read;
    if (const auto read = read_access(context, options.access); !read) return read;
    options.directory = files_directory(context);
    return {};
}

}  // namespace sbx::cli
