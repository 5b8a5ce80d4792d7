#include "cli/run_source.hpp"

#include "cli/run_files.hpp"
#include "core/nearest.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t first_line_bytes = 256;
constexpr std::size_t most_code_bytes = std::size_t{256} << 20;
constexpr const char* work = "/work/";

/// An interpreter takes a name that starts with a dash for an option.
std::string as_operand(const std::string& name)
{
    return name.starts_with('-') ? "./" + name : name;
}

Result<std::string> read_all(int file, const std::string& name)
{
    std::string bytes;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t n = ::read(file, buffer.data(), buffer.size());
        if (n == 0) return bytes;
        if (bytes.size() > most_code_bytes)
            return Error(Errc::too_large, fmt::format("{} is more than 256 MiB of code", name),
                         "pass data with --file, or on stdin");
        if (n > 0)
            bytes.append(buffer.data(), static_cast<std::size_t>(n));
        else if (errno != EINTR)
            return Error(Errc::invalid_argument, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    }
}

/// A file whose name is that of `path` but for a slip.
std::string neighbour_like(const fs::path& path)
{
    constexpr std::size_t most_neighbours = 1000;
    constexpr std::size_t shortest_name = 6;  // two of `x.py` and `y.py` are no slip of each other
    std::vector<std::string> names;
    std::error_code failed;
    fs::directory_iterator entries(path.has_parent_path() ? path.parent_path() : ".", failed);
    for (; !failed && entries != fs::directory_iterator() && names.size() < most_neighbours; entries.increment(failed))
        names.push_back(entries->path().filename().native());
    const std::string wanted = path.filename().native();
    if (wanted.size() < shortest_name) return "";
    const std::string_view found = nearest(wanted, std::vector<std::string_view>(names.begin(), names.end()));
    return found.empty() ? "" : (path.parent_path() / found).native();
}

bool is_plain_word(const fs::path& name)
{
    return !name.empty() && !name.has_extension() && !name.has_parent_path();
}

/// Code was given where a file's name belongs.
bool looks_like_code(const std::string& name)
{
    return name.find_first_of("()[]{}=;\"'$ \n") != std::string::npos;
}

/// What to do about a name that is no file's.
std::string other_than_file(const std::string& name, const std::string& caller)
{
    const bool may_be_command = is_plain_word(name) && caller.ends_with(" run");
    if (looks_like_code(name) || (is_plain_word(name) && !may_be_command))
        return fmt::format("{} -c CODE  runs code from the command line", caller);
    if (may_be_command) return fmt::format("{} -- {}  runs a command of an image", caller, name);
    return fmt::format("{} --help", caller);
}

/// @param caller  whose operand the name is, for hints
Error cannot_open(const std::string& name, const std::string& caller)
{
    if (errno == EACCES || errno == EPERM)
        return Error(Errc::permission_denied, fmt::format("cannot read {}: permission denied", name),
                     fmt::format("ls -l {}", name));
    if (errno != ENOENT && errno != ENOTDIR)
        return Error(Errc::invalid_argument, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    if (name == "claude" || name == "codex" || name == "gemini")
        return Error(Errc::not_found,
                     fmt::format("no such file: {}; this {} runs code and is not Docker's", name,
                                 caller.substr(0, caller.find(' '))),
                     fmt::format("{} --help", caller));
    const std::string neighbour = neighbour_like(name);
    if (!neighbour.empty())
        return Error(Errc::not_found, fmt::format("no such file: {}", name), "did you mean " + neighbour + "?");
    return Error(Errc::not_found, name.empty() ? "no such file: the name is empty" : "no such file: " + name,
                 other_than_file(name, caller));
}

/// Fills in the commands for code that is a file below /work. It is compiled there; a program that starts elsewhere is
/// named by its whole path.
void run_as_file(Source& source, const SourceWords& words, const std::string& name, const Arguments& arguments)
{
    const bool starts_there = place_inside(words.work_directory) == "/work";
    source.compile = compile_command(*source.language, as_operand(name));
    source.command = run_file_command(*source.language, starts_there ? as_operand(name) : work + name, arguments);
}

/// Code without a file gets the language's usual file name.
void run_as_text(Source& source, const SourceWords& words, std::string code, const Arguments& arguments)
{
    const std::string name(source.language->file_name);
    source.files.push_back(InputFile{.target = work + name, .content = std::move(code)});
    run_as_file(source, words, name, arguments);
}

Result<Source> find_command(const SourceWords& words, const std::string& caller)
{
    if (words.operands.empty())
        return Error(Errc::invalid_argument, "there is no command after --", fmt::format("{} -- ls -l", caller));
    if (words.operands.front().empty())
        return Error(Errc::invalid_argument, "the command after -- is an empty word",
                     fmt::format("{} -- ls -l", caller));
    Source source;
    source.command = words.operands;
    // The image of a language whose interpreter it is, else the one with the usual shell tools.
    const fs::path command = fs::path(words.operands.front()).filename();
    const auto language =
        !words.language.empty() ? find_language(words.language) : detect_language("", "#!" + command.native() + "\n");
    if (!words.language.empty() && !language) return language.error();
    source.language = language ? *language : *find_language("bash");
    return source;
}

Result<Source> find_code(const SourceWords& words)
{
    const auto language = find_language(words.language.empty() ? "python" : words.language);
    if (!language) return language.error();
    Source source;
    source.language = *language;
    source.code = *words.code;
    auto command = run_code_command(**language, *words.code, words.operands);
    if (command && !words.code_as_file)
        source.command = std::move(*command);
    else
        run_as_text(source, words, *words.code, words.operands);
    return source;
}

Result<Source> find_stdin(const SourceWords& words, const Arguments& arguments)
{
    const auto language = find_language(words.language.empty() ? "python" : words.language);
    if (!language) return language.error();
    Source source;
    source.language = *language;
    if (auto command = run_stdin_command(**language, arguments)) {
        source.command = std::move(*command);
        source.code_is_stdin = true;
        return source;
    }
    auto code = read_all(STDIN_FILENO, "stdin");
    if (!code) return code.error();
    run_as_text(source, words, std::move(*code), arguments);
    return source;
}

/// The language of a file, told by --lang, its name or its first line.
Result<const Language*> language_of(const SourceWords& words, const std::string& name, std::string_view start)
{
    return words.language.empty() ? detect_language(name, start) : find_language(words.language);
}

Result<std::string> first_bytes(const fs::path& path, const std::string& caller)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return cannot_open(path.native(), caller);
    std::string start(first_line_bytes, '\0');
    const ssize_t n = ::pread(file, start.data(), start.size(), 0);
    ::close(file);
    start.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return start;
}

Result<Source> find_directory(const SourceWords& words, const fs::path& directory, const Arguments& arguments,
                              const std::string& caller)
{
    if (words.entry.empty())
        return Error(Errc::invalid_argument,
                     fmt::format("{} is a directory: which file of it starts?", directory.native()),
                     fmt::format("{} --entry main.py {}", caller, directory.native()));
    const fs::path entry = fs::path(words.entry).lexically_normal();
    if (entry.is_absolute() || entry.native().starts_with(".."))
        return Error(Errc::invalid_argument, fmt::format("--entry: {} is not a path below the directory", words.entry),
                     "--entry main.py");
    const auto start = first_bytes(directory / entry, caller);
    if (!start && start.error().code == Errc::not_found)
        return Error(Errc::not_found, fmt::format("--entry: {} has no file {}", directory.native(), words.entry),
                     fmt::format("ls {}", directory.native()));
    if (!start) return start.error();
    const auto language = language_of(words, entry.filename().native(), *start);
    if (!language) return language.error();
    Source source;
    source.language = *language;
    source.files.push_back(
        InputFile{.target = "/work", .content = directory, .whole_directory = words.whole_directory});
    source.script = directory / entry;
    source.project = directory;
    source.is_in_project = true;
    run_as_file(source, words, entry.native(), arguments);
    return source;
}

Result<Source> find_file(const SourceWords& words, const fs::path& path, const Arguments& arguments,
                         const std::string& caller)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return cannot_open(path.native(), caller);
    if (S_ISDIR(status.st_mode)) return find_directory(words, path, arguments, caller);
    if (!words.entry.empty())
        return Error(Errc::invalid_argument,
                     fmt::format("--entry is for directories, and {} is a file", path.native()));
    Source source;
    const std::string name = path.filename().native();
    if (!S_ISREG(status.st_mode)) {  // `<(…)`, a pipe: its name says nothing and it can be read only once
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) return cannot_open(path.native(), caller);
        auto code = read_all(file, path.native());
        ::close(file);
        if (!code) return code.error();
        const auto language = language_of(words, "", *code);
        if (!language) return language.error();
        source.language = *language;
        run_as_text(source, words, std::move(*code), arguments);
        return source;
    }
    const auto start = first_bytes(path, caller);
    if (!start) return start.error();
    const auto language = language_of(words, name, *start);
    if (!language) return language.error();
    source.language = *language;
    source.files.push_back(InputFile{.target = work + name, .content = path});
    source.script = path;
    source.project = path.has_parent_path() ? path.parent_path() : ".";
    run_as_file(source, words, name, arguments);
    return source;
}

}  // namespace

Result<Source> find_source(const SourceWords& words, const std::string& caller)
{
    const bool is_path = !words.code && !words.is_command && !words.operands.empty() && words.operands.front() != "-";
    if (!words.entry.empty() && !is_path)
        return Error(Errc::invalid_argument, "--entry is for directories",
                     fmt::format("{} --entry main.py DIR", caller));
    if (words.code) return find_code(words);
    if (words.is_command) return find_command(words, caller);
    if (words.operands.empty())
        return Error(Errc::invalid_argument, "nothing to run: name a FILE, a DIR, -, -c CODE, or -- CMD",
                     fmt::format("{} --help", caller));
    const Arguments arguments(words.operands.begin() + 1, words.operands.end());
    if (words.operands.front() == "-") return find_stdin(words, arguments);
    return find_file(words, words.operands.front(), arguments, caller);
}

Result<std::string> read_stdin()
{
    return read_all(STDIN_FILENO, "stdin");
}

Result<CodeText> read_code(const SourceWords& words, const std::string& caller)
{
    const bool is_file = !words.code && words.operands.front() != "-";
    Result<std::string> text = words.code.value_or("");
    if (is_file) {
        const std::string& name = words.operands.front();
        const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) return cannot_open(name, caller);
        text = read_all(file, name);
        ::close(file);
    } else if (!words.code) {
        text = read_stdin();
    }
    if (!text) return text.error();
    SourceWords asked = words;
    if (!is_file && asked.language.empty()) asked.language = "python";
    const std::string name = is_file ? fs::path(words.operands.front()).filename().native() : std::string();
    const auto language = language_of(asked, name, text->substr(0, first_line_bytes));
    if (!language) return language.error();
    return CodeText{.language = *language, .text = std::move(*text)};
}

}  // namespace sbx::cli
