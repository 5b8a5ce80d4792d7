#include "cli/run_environment.hpp"

#include "core/whole_file.hpp"

#include <fmt/format.h>

#include <algorithm>
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
    std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
    if (equals != std::string::npos)
        variables.emplace_back(name, word.substr(equals + 1));
    else if (const auto value = ours(name))
        variables.emplace_back(name, *value);
    return {};
}

}  // namespace

Result<Variables> read_variables(const std::vector<std::string>& words, const std::vector<std::string>& files,
                                 const Environment& ours)
{
    Variables variables;
    for (const std::string& file : files) {
        const auto text = read_whole_file(file);
        if (!text) return Error(Errc::not_found, fmt::format("--env-file: cannot read {}", file));
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
                     fmt::format("{} variables of {} bytes are more than {} of {} bytes", variables.size(), bytes,
                                 most_variables, most_bytes),
                     "put large values into a file and pass it with --file");
    return variables;
}

}  // namespace sbx::cli
