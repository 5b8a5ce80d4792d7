#include "cli/run_environment.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <string_view>

namespace sbx::cli {
namespace {

constexpr std::size_t most_variables = 128;
constexpr std::size_t most_bytes = std::size_t{64} << 10;

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name(std::string_view name)
{
    return !name.empty() && is_letter(name.front()) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Result<void> add(Variables& variables, const std::string& word, const std::string& origin, const Environment& ours)
{
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (!is_name(name))
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not the name of a variable", origin, name),
                     "-e NAME=VALUE");
    if (word.find('\0') != std::string::npos)
        return Error(Errc::invalid_argument, fmt::format("{}: the value of {} has a NUL in it", origin, name),
                     "pass bytes in a file, with --file");
    std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
    if (equals != std::string::npos)
        variables.emplace_back(name, word.substr(equals + 1));
    else if (const auto value = ours(name))
        variables.emplace_back(name, *value);
    return {};
}

/// Room for what is allowed, with comments; an endless file ends here.
constexpr std::size_t most_file_bytes = std::size_t{1} << 20;

Result<std::string> read_file(const std::string& path)
{
    const auto failed = [&](Errc code) {
        return Error(code, fmt::format("--env-file: cannot read {}: {}", path, std::strerror(errno)), "ls -l " + path);
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return failed(errno == ENOENT ? Errc::not_found : Errc::invalid_argument);
    std::string text;
    std::array<char, 65536> buffer{};
    ssize_t n = 1;
    while (n != 0 && text.size() <= most_file_bytes) {
        n = ::read(file, buffer.data(), buffer.size());
        if (n < 0 && errno != EINTR) break;
        if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    const int error = n < 0 ? errno : 0;
    ::close(file);
    errno = error;
    if (error != 0) return failed(Errc::invalid_argument);
    if (text.size() > most_file_bytes)
        return Error(Errc::invalid_argument, fmt::format("--env-file: {} is more than 1 MiB", path),
                     "put large values into a file and pass it with --file");
    if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // as editors on Windows mark UTF-8
    return text;
}

}  // namespace

Result<Variables> read_variables(const std::vector<std::string>& words, const std::vector<std::string>& files,
                                 const Environment& ours)
{
    Variables variables;
    for (const std::string& file : files) {
        const auto text = read_file(file);
        if (!text) return text.error();
        std::istringstream lines(*text);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (line.ends_with('\r')) line.pop_back();
            if (line.empty() || line.starts_with('#')) continue;
            if (const auto added = add(variables, line, fmt::format("{}:{}", file, number), ours); !added)
                return added.error();
        }
    }
    for (const std::string& word : words)
        if (const auto added = add(variables, word, "--env", ours); !added) return added.error();

    std::size_t bytes = 0;
    for (const auto& [name, value] : variables) bytes += name.size() + value.size() + 2;
    if (variables.size() > most_variables || bytes > most_bytes)
        return Error(Errc::invalid_argument,
                     fmt::format("{} variables of {} bytes are too many: at most {} of {} bytes in all",
                                 variables.size(), bytes, most_variables, most_bytes),
                     "put large values into a file and pass it with --file");
    return variables;
}

}  // namespace sbx::cli
