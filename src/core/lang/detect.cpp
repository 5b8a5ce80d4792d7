#include "core/lang/words.hpp"
#include "core/nearest.hpp"
#include "sbx/language.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/case_conv.hpp>

#include <algorithm>

namespace sbx {
namespace {

bool contains(std::string_view list, std::string_view word)
{
    const std::vector<std::string_view> all = words(list);
    return std::ranges::find(all, word) != all.end();
}

const Language* by_extension(std::string_view extension)
{
    for (const Language& language : languages())
        if (contains(language.extensions, extension)) return &language;
    return nullptr;
}

std::string_view base_name(std::string_view path)
{
    return path.substr(path.find_last_of('/') + 1);
}

/// "python3.11" is python.
std::string_view without_version(std::string_view program)
{
    return program.substr(0, program.find_last_not_of("0123456789.-") + 1);
}

bool is_option_of_env(std::string_view word)
{
    return word.starts_with('-') || word.find('=') != std::string_view::npos;
}

}  // namespace

Result<const Language*> find_language(std::string_view name)
{
    const std::string lower = boost::algorithm::to_lower_copy(std::string(name));
    std::vector<std::string_view> known;
    for (const Language& language : languages()) {
        if (language.name == lower || contains(language.aliases, lower)) return &language;
        known.push_back(language.name);
        std::ranges::copy(words(language.aliases), std::back_inserter(known));
    }
    return Error(Errc::not_found, fmt::format("no such language: {}", name), did_you_mean(lower, known, "sbx lang ls"));
}

std::string_view interpreter_of(std::string_view first_line)
{
    if (!first_line.starts_with("#!")) return {};
    const std::string_view line = first_line.substr(2, first_line.find_first_of("\r\n") - 2);
    bool after_env = false;
    for (const std::string_view word : words(line)) {
        if (word.empty() || (after_env && is_option_of_env(word))) continue;
        const std::string_view program = base_name(word);
        if (program != "env") return without_version(program);
        after_env = true;
    }
    return {};
}

Result<const Language*> detect_language(std::string_view file_name, std::string_view first_line)
{
    const std::string_view name = base_name(file_name);
    const std::size_t dot = name.find_last_of('.');
    if (dot != std::string_view::npos && dot > 0) {
        const std::string extension(name.substr(dot + 1));
        if (const Language* language = by_extension(extension)) return language;
        if (const Language* language = by_extension(boost::algorithm::to_lower_copy(extension))) return language;
    }
    const std::string_view interpreter = interpreter_of(first_line);
    for (const Language& language : languages())
        if (!interpreter.empty() && contains(language.interpreters, interpreter)) return &language;
    constexpr std::string_view hint = "name it with --lang; sbx lang ls shows the languages";
    if (!interpreter.empty())
        return Error(Errc::not_found, fmt::format("{}: no language has the interpreter {}", file_name, interpreter),
                     std::string(hint));
    return Error(Errc::not_found, fmt::format("{}: neither the extension nor a #! line tells the language", file_name),
                 std::string(hint));
}

}  // namespace sbx
