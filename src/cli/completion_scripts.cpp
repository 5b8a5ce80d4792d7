#include "cli/completion.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/replace.hpp>

namespace sbx::cli {
namespace {

using boost::algorithm::replace_all_copy;

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ")
{
    return fmt::format("{}", fmt::join(words, separator));
}

std::string flag_words(const CompletedCommand& command)
{
    std::vector<std::string> words;
    for (const CompletedFlag& flag : command.flags) words.insert(words.end(), flag.names.begin(), flag.names.end());
    return joined(words);
}

std::string command_words(const CompletedCommand& command)
{
    std::vector<std::string> words;
    for (const auto& [name, meaning] : command.commands) words.push_back(name);
    return joined(words);
}

/// What prints more words; `program` is how a shell calls it.
std::string query_command(const std::string& program, const Expected& expected)
{
    return fmt::format("{} {} 2>/dev/null", program, expected.query);
}

/// `case` arms that follow the words typed so far down the tree, for bash and zsh.
std::string descent(const std::vector<CompletedCommand>& commands)
{
    std::string arms;
    for (const CompletedCommand& command : commands) {
        for (const auto& [name, meaning] : command.commands) {
            const std::string path = command.path.empty() ? name : command.path + " " + name;
            arms += fmt::format("            '{} {}') command='{}' ;;\n", command.path, name, path);
        }
    }
    return arms;
}

// --- bash ---

/// An expression for what can be chosen from.
std::string bash_words(const Expected& expected)
{
    const std::string words = joined(expected.words);
    if (expected.query.empty()) return words.empty() ? "" : "'" + words + "'";
    const std::string queried = fmt::format("$({})", query_command("\"${COMP_WORDS[0]}\"", expected));
    return words.empty() ? queried : fmt::format("\"{} {}\"", words, queried);
}

std::string bash_arms_of_values(const CompletedCommand& command)
{
    std::string arms;
    for (const CompletedFlag& flag : command.flags) {
        if (!flag.value) continue;
        std::vector<std::string> patterns;
        for (const std::string& name : flag.names) patterns.push_back(fmt::format("'{}:{}'", command.path, name));
        const std::string words = bash_words(*flag.value);
        const std::string known = words.empty() ? "" : fmt::format("-W {} ", words);
        const std::string action = flag.value->file ? fmt::format("COMPREPLY=($(compgen -f {}-- \"$current\"))", known)
                                                    : fmt::format("words={}", words.empty() ? "''" : words);
        arms += fmt::format("        {}) {} ;;\n", joined(patterns, " | "), action);
    }
    return arms;
}

std::string bash_operand(const CompletedCommand& command)
{
    if (!command.commands.empty()) return fmt::format("words='{}'", command_words(command));
    const std::string words = bash_words(command.operand);
    if (words.empty()) return "";
    return fmt::format("words={}{}", words, command.operand.more_follows ? "; compopt -o nospace 2>/dev/null" : "");
}

std::string bash_script(const std::string& program, const std::vector<CompletedCommand>& commands)
{
    std::string values;
    std::string flags;
    std::string operands;
    for (const CompletedCommand& command : commands) {
        values += bash_arms_of_values(command);
        flags += fmt::format("            '{}') words='{}' ;;\n", command.path, flag_words(command));
        const std::string operand = bash_operand(command);
        if (!operand.empty()) operands += fmt::format("            '{}') {} ;;\n", command.path, operand);
    }
    return fmt::format(R"(# bash completion for {program}

_{program}()
{{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    local command='' words='' i
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$command ${{COMP_WORDS[i]}}" in
{descent}        esac
    done
    case "$command:$previous" in
{values}        *)
            if [[ $current == -* ]]; then
                case "$command" in
{flags}                esac
            else
                case "$command" in
{operands}                esac
            fi
            ;;
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
    fi
}}

complete -o default -F _{program} {program}
)",
                       fmt::arg("program", program), fmt::arg("descent", descent(commands)), fmt::arg("values", values),
                       fmt::arg("flags", flags), fmt::arg("operands", operands));
}

// --- zsh ---

std::string zsh_quoted(const std::string& text)
{
    return "'" + replace_all_copy(text, "'", "'\\''") + "'";
}

/// `'name:meaning'`, as _describe takes it.
std::string zsh_described(const std::string& name, const std::string& meaning)
{
    return zsh_quoted(replace_all_copy(name, ":", "\\:") + ":" + meaning);
}

std::string zsh_action(const Expected& expected)
{
    std::vector<std::string> words = expected.words;
    if (!expected.query.empty())
        words.push_back(fmt::format("${{(f)\"$({})\"}}", query_command("$words[1]", expected)));
    const std::string action = fmt::format("compadd {}-- {}", expected.more_follows ? "-S '' " : "", joined(words));
    if (expected.file) return words.empty() ? "_files" : action + "; _files";
    return words.empty() ? "_message 'a value'" : action;
}

std::string zsh_script(const std::string& program, const std::vector<CompletedCommand>& commands)
{
    std::string values;
    std::string flags;
    std::string operands;
    for (const CompletedCommand& command : commands) {
        std::vector<std::string> flag_list;
        for (const CompletedFlag& flag : command.flags) {
            for (const std::string& name : flag.names) {
                flag_list.push_back(zsh_described(name, flag.meaning));
                if (flag.value)
                    values +=
                        fmt::format("        '{}:{}') {}; return ;;\n", command.path, name, zsh_action(*flag.value));
            }
        }
        flags += fmt::format("            '{}') all=({}) ;;\n", command.path, joined(flag_list, "\n                "));
        std::vector<std::string> list;
        for (const auto& [name, meaning] : command.commands) list.push_back(zsh_described(name, meaning));
        if (!list.empty())
            operands += fmt::format("        '{}') all=({}); _describe command all ;;\n", command.path,
                                    joined(list, "\n            "));
        else if (command.operand.is_known() && !command.operand.file)
            operands += fmt::format("        '{}') {} ;;\n", command.path, zsh_action(command.operand));
    }
    return fmt::format(R"(#compdef {program}
# zsh completion for {program}

_{program}() {{
    local command='' word
    local -a all
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$command $word" in
{descent}        esac
    done
    case "$command:${{words[CURRENT-1]}}" in
{values}    esac
    if [[ $PREFIX == -* ]]; then
        case "$command" in
{flags}        esac
        _describe -o flag all
        return
    fi
    case "$command" in
{operands}        *) _files ;;
    esac
}}

if [[ ${{funcstack[1]}} == _{program} ]]; then
    _{program} "$@"
else
    compdef _{program} {program}
fi
)",
                       fmt::arg("program", program), fmt::arg("descent", descent(commands)), fmt::arg("values", values),
                       fmt::arg("flags", flags), fmt::arg("operands", operands));
}

// --- fish ---

std::string fish_quoted(const std::string& text)
{
    return "'" + replace_all_copy(replace_all_copy(text, "\\", "\\\\"), "'", "\\'") + "'";
}

/// What can be chosen from, as fish evaluates it.
std::string fish_words(const std::string& program, const Expected& expected)
{
    std::vector<std::string> words = expected.words;
    if (!expected.query.empty()) words.push_back(fmt::format("({})", query_command(program, expected)));
    return words.empty() ? "" : " -a " + fish_quoted(joined(words));
}

std::string fish_flag(const std::string& program, const std::string& start, const CompletedFlag& flag)
{
    std::string line = start;
    for (const std::string& name : flag.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (flag.value && flag.value->file) line += " -r -F";
    if (flag.value && !flag.value->file) line += " -x";
    if (flag.value) line += fish_words(program, *flag.value);
    return line + " -d " + fish_quoted(flag.meaning) + "\n";
}

std::string fish_script(const std::string& program, const std::vector<CompletedCommand>& commands)
{
    std::string arms;
    std::string lines;
    for (const CompletedCommand& command : commands) {
        const std::string start = fmt::format("complete -c {} -n {}", program,
                                              fish_quoted(fmt::format("__{}_at '{}'", program, command.path)));
        for (const auto& [below, meaning] : command.commands) {
            const std::string path = command.path.empty() ? below : command.path + " " + below;
            arms += fmt::format("            case '{} {}'\n                set at '{}'\n", command.path, below, path);
            lines += fmt::format("{} -f -a {} -d {}\n", start, below, fish_quoted(meaning));
        }
        for (const CompletedFlag& flag : command.flags) lines += fish_flag(program, start, flag);
        const bool no_files = command.commands.empty() && !command.operand.file;
        if (no_files) lines += start + " -f" + fish_words(program, command.operand) + "\n";
    }
    return fmt::format(R"(# fish completion for {program}

function __{program}_at --description 'Whether the words typed so far name this command'
    set -l at ''
    for word in (commandline -opc)[2..]
        switch "$at $word"
{arms}        end
    end
    test "$at" = "$argv[1]"
end

{lines})",
                       fmt::arg("program", program), fmt::arg("arms", arms), fmt::arg("lines", lines));
}

// --- PowerShell ---

std::string powershell_list(const std::vector<std::string>& words)
{
    std::vector<std::string> quoted;
    for (const std::string& word : words) quoted.push_back("'" + replace_all_copy(word, "'", "''") + "'");
    return "@(" + joined(quoted, ", ") + ")";
}

std::string powershell_script(const std::string& program, const std::vector<CompletedCommand>& commands)
{
    std::string words;
    std::string values;
    std::string queries;
    const auto add_query = [&queries](const std::string& place, const Expected& expected) {
        if (!expected.query.empty()) queries += fmt::format("        '{}' = -split '{}'\n", place, expected.query);
    };
    for (const CompletedCommand& command : commands) {
        std::vector<std::string> all = command.operand.words;
        for (const auto& [name, meaning] : command.commands) all.push_back(name);
        for (const CompletedFlag& flag : command.flags) {
            all.insert(all.end(), flag.names.begin(), flag.names.end());
            if (!flag.value || (flag.value->words.empty() && flag.value->query.empty())) continue;
            for (const std::string& name : flag.names) {
                const std::string place = fmt::format("{}:{}", command.path, name);
                values += fmt::format("        '{}' = {}\n", place, powershell_list(flag.value->words));
                add_query(place, *flag.value);
            }
        }
        words += fmt::format("        '{}' = {}\n", command.path, powershell_list(all));
        add_query(command.path, command.operand);
    }
    return fmt::format(R"(# PowerShell completion for {program}

Register-ArgumentCompleter -Native -CommandName '{program}' -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{{
{words}    }}
    $values = @{{
{values}    }}
    $queries = @{{
{queries}    }}
    $command = ''
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {{
        if ($element.Extent.EndOffset -ge $cursorPosition) {{ break }}
        $previous = $element.ToString()
        $longer = "$command $previous".Trim()
        if ($words.ContainsKey($longer)) {{ $command = $longer }}
    }}
    $place = "${{command}}:$previous"
    $candidates = $values[$place]
    if ($null -eq $candidates) {{
        $place = $command
        $candidates = $words[$place]
    }}
    if ($queries.ContainsKey($place)) {{ $candidates += @(& '{program}' $queries[$place]) }}
    $candidates | Where-Object {{ $_ -like "$wordToComplete*" }} | ForEach-Object {{
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }}
}}
)",
                       fmt::arg("program", program), fmt::arg("words", words), fmt::arg("values", values),
                       fmt::arg("queries", queries));
}

}  // namespace

std::string completion_script(Shell shell, const std::string& program, const std::vector<CompletedCommand>& commands)
{
    switch (shell) {
        case Shell::bash:
            return bash_script(program, commands);
        case Shell::zsh:
            return zsh_script(program, commands);
        case Shell::fish:
            return fish_script(program, commands);
        case Shell::powershell:
            return powershell_script(program, commands);
    }
    return {};
}

}  // namespace sbx::cli
