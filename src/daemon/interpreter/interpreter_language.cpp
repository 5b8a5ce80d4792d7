#include "daemon/interpreter/interpreter_language.hpp"

#include "core/lang/words.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace sbx::daemon {
namespace {

constexpr std::array<std::string_view, 13> client_words{"py", "js", "ts", "c",   "cpp", "java", "php",
                                                        "rs", "go", "d",  "f90", "r",   "bash"};

/// Figures of Python that a program of bash starts are kept too.
constexpr std::string_view bash_environment =
    "PYTHONPATH=/.sbx/python/plots:/mnt/data PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONIOENCODING=utf-8";

constexpr std::array table{
    InterpreterLanguage{.language = "python",
                        .image = "librechat",
                        .command = "python3 /.sbx/python/librechat.py",
                        .modules = "numpy pandas matplotlib.pyplot",
                        .sets_itself_up = true},
    InterpreterLanguage{.language = "javascript",
                        .image = "librechat",
                        .command = "node --require /.sbx/javascript/librechat.cjs",
                        .is_beside_files = true},
    // Types are erased and not checked.
    InterpreterLanguage{
        .language = "typescript", .command = "node --require /.sbx/javascript/librechat.cjs", .is_beside_files = true},
    InterpreterLanguage{.language = "bash", .image = "librechat", .environment = bash_environment},
    InterpreterLanguage{.language = "c"},
    InterpreterLanguage{.language = "cpp"},
    InterpreterLanguage{.language = "java"},
    InterpreterLanguage{.language = "go"},
    InterpreterLanguage{.language = "rust"},
    InterpreterLanguage{.language = "d"},
    InterpreterLanguage{.language = "fortran"},
    InterpreterLanguage{.language = "php"},
    InterpreterLanguage{.language = "r", .environment = "R_PROFILE_USER=/.sbx/librechat.R"},
};

constexpr std::size_t random_bytes = 8;

/// What programs cannot take for a file of theirs.
std::string code_place(const InterpreterLanguage& language, std::string_view file_name)
{
    if (!language.is_beside_files) return fmt::format("/tmp/.sbx-code/{}", file_name);
    return fmt::format("/work/.sbx_{}{}", random_hex(random_bytes), file_name.substr(file_name.rfind('.')));
}

/// As programs see it.
std::string seen(const std::string& place)
{
    constexpr std::string_view work = "/work";
    return place.starts_with(work) ? interpreter_home + place.substr(work.size()) : place;
}

void add_environment(const InterpreterLanguage& language, RunRequest& request)
{
    if (!language.sets_itself_up) {
        request.environment.emplace_back("HOME", "/tmp");
        request.environment.emplace_back("LANG", "C.UTF-8");
    }
    for (const std::string_view entry : words(language.environment)) {
        const std::size_t equals = entry.find('=');
        request.environment.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
    }
}

}  // namespace

std::span<const std::string_view> interpreter_words()
{
    return client_words;
}

Result<const InterpreterLanguage*> find_interpreter_language(std::string word)
{
    const Error unsupported(Errc::invalid_argument, fmt::format("Unsupported language: {}", word));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    const Result<const Language*> known = find_language(word);
    if (!known) return unsupported;
    const auto* const row = std::ranges::find(table, (*known)->name, &InterpreterLanguage::language);
    if (row == table.end()) return unsupported;
    return row;
}

void place_interpreted_code(const InterpreterLanguage& language, PreparedCode& prepared, std::string code,
                            const std::vector<std::string>& arguments)
{
    RunRequest& request = prepared.request;
    InputFile file;
    file.target = code_place(language, prepared.language->file_name);
    file.content = std::move(code);
    const std::string place = seen(file.target);
    request.files.clear();
    request.files.push_back(std::move(file));
    if (language.command.empty()) {
        request.compile = compile_command(*prepared.language, place);
        request.command = run_file_command(*prepared.language, place, arguments);
    } else {
        request.compile.clear();
        request.command.clear();
        for (const std::string_view word : words(language.command)) request.command.emplace_back(word);
        request.command.push_back(place);
        request.command.insert(request.command.end(), arguments.begin(), arguments.end());
    }
    add_environment(language, request);
    prepared.home = interpreter_home;
    if (!language.image.empty()) prepared.image = language.image;
    for (const std::string_view module : words(language.modules)) prepared.preload.emplace_back(module);
}

}  // namespace sbx::daemon
