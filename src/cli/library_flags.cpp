#include "cli/library_flags.hpp"

#include "cli/run_environment.hpp"
#include "core/lang/requirement.hpp"
#include "core/lang/words.hpp"
#include "core/libraries/python_check.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t most_script_bytes = 1U << 20;  // of one that is searched for metadata

void append(std::vector<std::string>& to, std::vector<std::string> more)
{
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool is_project_file(const PackageIndex& index, const fs::path& file)
{
    return std::ranges::count(words(index.project_files), file.filename().native()) != 0;
}

/// A list of requirements, or the file that decides in a project of this language.
Result<void> read_requirements(LibraryRequest& request, const fs::path& file)
{
    if (is_project_file(*request.index, file)) {
        auto files = project_files(*request.index, file.parent_path());
        if (!files) return files.error();
        request.files = std::move(*files);
        return {};
    }
    const std::optional<std::string> text = read_whole_file(file);
    if (!text)
        return Error(Errc::invalid_argument, fmt::format("--requirements: cannot read {}", file.native()),
                     "ls -l " + file.native());
    auto lines = requirement_lines(*text, file.native());
    if (!lines) return lines.error();
    auto sound = sound_requirements(*request.index, std::move(*lines), file.native());
    if (!sound) return sound.error();
    append(request.requirements, std::move(*sound));
    return {};
}

/// What the script says itself.
Result<void> read_metadata(LibraryRequest& request, const Source& source)
{
    std::error_code ec;
    const bool is_short = !source.script.empty() && fs::file_size(source.script, ec) <= most_script_bytes && !ec;
    const std::optional<std::string> code = is_short ? read_whole_file(source.script) : source.code;
    if (!code) return {};
    auto metadata = script_metadata(*code);
    if (!metadata) return metadata.error();
    auto sound = sound_requirements(*request.index, std::move(metadata->dependencies), "the script's metadata");
    if (!sound) return sound.error();
    request.python = std::move(metadata->requires_python);
    append(request.requirements, std::move(*sound));
    return {};
}

}  // namespace

void add_library_flags(CLI::App& command, LibraryFlags& flags)
{
    command.add_option("--with", flags.with, "Library to have, with its version: numpy, 'pandas<3'; repeatable")
        ->type_name("LIBRARY")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group("Libraries");
    command.add_option("--requirements", flags.requirements, "Libraries to have, one a line: requirements.txt")
        ->type_name("FILE")
        ->group("Libraries");
    command
        .add_flag("--no-libraries", flags.none, "Whatever the script's metadata or package.json and the like ask for")
        ->group("Libraries");
    command.add_flag("--offline", flags.offline, "Only libraries that were installed before")->group("Libraries");
    command.add_flag("--upgrade", flags.upgrade, "Install them anew, in the newest versions that fit")
        ->group("Libraries");
}

Result<LibraryRequest> find_libraries(const LibraryFlags& flags, const Source& source)
{
    LibraryRequest request;
    const Result<const PackageIndex*> index = find_package_index(*source.language);
    if (!index && flags.empty()) return request;
    if (!index) return index.error();
    if (flags.none && !flags.empty())
        return Error(Errc::invalid_argument, "--no-libraries goes neither with --with nor with --requirements");
    if (flags.none) return request;
    request.index = *index;
    if (!source.project.empty()) {
        auto files = project_files(**index, source.project);
        if (!files) return Error(files.error().code, files.error().message, "--no-libraries runs it without");
        request.files = std::move(*files);
    }
    if (source.language->name == "python")
        if (const auto read = read_metadata(request, source); !read) return read.error();
    if (!flags.requirements.empty())
        if (const auto read = read_requirements(request, flags.requirements); !read) return read.error();
    auto sound = sound_requirements(**index, flags.with, "--with");
    if (!sound) return sound.error();
    append(request.requirements, std::move(*sound));
    auto all = sound_requirements(**index, std::move(request.requirements), "--with");
    if (!all) return all.error();
    request.requirements = std::move(*all);
    return request;
}

void add_project_files(RunRequest& request, const LibraryRequest& wanted, const fs::path& project)
{
    for (const ProjectFile& file : wanted.files) {
        InputFile input;
        input.target = "/work/" + file.name;
        input.content = project / file.name;
        request.files.insert(request.files.begin(), std::move(input));
    }
}

InstallPolicy install_policy(const Settings& settings, const LibraryFlags& flags, const Environment& environment)
{
    InstallPolicy policy = sbx::install_policy(settings, environment);
    policy.offline = flags.offline;
    policy.upgrade = flags.upgrade;
    return policy;
}

asio::awaitable<Result<std::optional<MountedLibraries>>> get_libraries(const OpenEngine& open, LibraryRequest request,
                                                                       InstallPolicy policy, ChosenImage image,
                                                                       Directories own, ProgressSink progress)
{
    LibraryPlace place{*open.engine, open.endpoint, std::move(image.info), std::move(image.reference)};
    if (!request.python.empty()) {
        const Result<void> fits = co_await check_python(place, request.python, own);
        if (!fits) co_return fits.error();
    }
    std::optional<MountedLibraries> none;
    if (request.empty()) co_return none;
    std::function<void()> installing = [&] {
        std::vector<std::string> names = request.requirements;
        for (const ProjectFile& file : request.files) names.push_back(file.name);
        if (progress) progress(Progress{.id = "", .status = fmt::format("Installing {}", fmt::join(names, ", "))});
    };
    Result<MountedLibraries> libraries =
        co_await ensure_libraries(std::move(place), request, std::move(policy), std::move(own), std::move(installing));
    if (!libraries) co_return libraries.error();
    std::optional<MountedLibraries> some = std::move(*libraries);
    co_return some;
}

}  // namespace sbx::cli
