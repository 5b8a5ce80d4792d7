#include "daemon/interpreter/tool_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace sbx::daemon {
namespace {

/// @source https://docs.python.org/3/reference/lexical_analysis.html#keywords
constexpr std::array<std::string_view, 35> python_words{
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

constexpr std::array<std::string_view, 23> bash_words{
    "if", "then",     "else",   "elif", "fi",     "case",    "esac",    "for",   "while",    "until",  "do",   "done",
    "in", "function", "select", "time", "coproc", "declare", "typeset", "local", "readonly", "export", "unset"};

bool is_reserved(const std::string& name, bool is_bash)
{
    if (!is_bash) return std::ranges::find(python_words, name) != python_words.end();
    return std::ranges::find(bash_words, name) != bash_words.end();
}

}  // namespace

std::string tool_function(std::string_view tool, bool is_bash)
{
    std::string name;
    for (const char c : tool) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        if (is_word) name += c;
        if (c == '-' || std::isspace(static_cast<unsigned char>(c)) != 0 || (is_bash && c == '.')) name += '_';
    }
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0) name.insert(0, "_");
    if (is_reserved(name, is_bash)) name += "_tool";
    return name;
}

Result<void> check_tools(const std::vector<std::string>& tools, bool is_bash)
{
    std::map<std::string, std::string> taken;
    for (const std::string& tool : tools) {
        const std::string name = tool_function(tool, is_bash);
        if (name.empty()) return Error(Errc::invalid_argument, fmt::format("tools: {:?} is no name for a tool", tool));
        const auto [at, is_new] = taken.emplace(name, tool);
        if (!is_new)
            return Error(Errc::invalid_argument,
                         fmt::format("tools: {:?} and {:?} are both called {}", at->second, tool, name));
    }
    return {};
}

}  // namespace sbx::daemon
