#include "core/lang/words.hpp"
#include "sbx/language.hpp"

#include <algorithm>

namespace sbx {
namespace {

struct Substitution {
    std::string_view placeholder;
    std::string_view text;
};

Arguments fill(std::string_view command, Substitution substitution)
{
    Arguments filled;
    for (const std::string_view word : words(command)) {
        if (word == substitution.placeholder)
            filled.emplace_back(substitution.text);
        else
            filled.emplace_back(word == "{program}" ? program_path : word);
    }
    return filled;
}

Arguments with(Arguments command, const Arguments& arguments)
{
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

/// A file whose name begins with a dash would be taken for an option.
std::string as_operand(std::string_view file)
{
    return file.starts_with('-') ? "./" + std::string(file) : std::string(file);
}

}  // namespace

Arguments compile_command(const Language& language, std::string_view file)
{
    return fill(language.compile, {"{file}", as_operand(file)});
}

Arguments run_file_command(const Language& language, std::string_view file, const Arguments& arguments)
{
    return with(fill(language.run_file, {"{file}", as_operand(file)}), arguments);
}

std::optional<Arguments> run_code_command(const Language& language, std::string_view code, const Arguments& arguments)
{
    if (language.run_code.empty()) return std::nullopt;
    return with(fill(language.run_code, {"{code}", code}), arguments);
}

std::optional<Arguments> run_stdin_command(const Language& language, const Arguments& arguments)
{
    if (language.run_stdin.empty()) return std::nullopt;
    return with(fill(language.run_stdin, {}), arguments);
}

Arguments version_command(const Language& language)
{
    return fill(language.version, {});
}

Arguments kernel_command(const Language& language, std::string_view context)
{
    if (language.kernel.empty()) return {};
    return with(fill(language.kernel, {}), {"--context=" + std::string(context)});
}

}  // namespace sbx
