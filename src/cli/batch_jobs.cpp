#include "cli/batch_jobs.hpp"

#include "cli/run_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace sbx::cli {
namespace {

constexpr std::string_view caller = "sbx run";

/// Where code comes from: a job's words, or those of a check's program.
struct Words {
    const std::optional<std::string>& code;
    const std::string& file;
    const std::string& entry;
    std::vector<std::string> arguments;
    std::string language;
};

Result<Source> find(const Words& from, const RunOptions& options)
{
    SourceWords words;
    words.code = from.code;
    words.language = from.language;
    words.entry = from.entry;
    words.whole_directory = options.source.whole_directory;
    words.work_directory = options.work_directory;
    words.operands = from.arguments;
    if (from.code) {
        words.code_as_file = true;  // a program is the same whether it came along or was in a file
        return find_source(words, std::string(caller));
    }
    struct stat status {};
    const bool exists = ::stat(from.file.c_str(), &status) == 0;
    if (from.file == "-" || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
        return Error(Errc::invalid_argument, fmt::format("file: {} is neither a file nor a directory", from.file));
    words.operands.insert(words.operands.begin(), from.file);
    return find_source(words, std::string(caller));
}

Result<InputFile> input_of(const std::string& name, const batch::Content& content)
{
    InputFile file;
    file.target = place_inside(name);
    if (!file.target.starts_with("/work/") && !file.target.starts_with("/tmp/"))
        return Error(Errc::invalid_argument, fmt::format("files: {} is no name below /work or /tmp", name),
                     R"({"data.txt": "1 2 3"})");
    file.content = content.index() == 0 ? decltype(file.content)(std::get<std::string>(content))
                                        : std::get<std::filesystem::path>(content);
    return file;
}

/// The job's own files come after those of the flags, and before the script.
Result<void> add_files(const batch::Job& job, std::size_t of_source, RunRequest& request)
{
    for (const auto& [name, content] : job.files) {
        auto file = input_of(name, content);
        if (!file) return file.error();
        request.files.insert(request.files.end() - static_cast<std::ptrdiff_t>(of_source), std::move(*file));
    }
    return {};
}

}  // namespace

Result<Settings> BatchJobs::settings_of(const batch::Job& job) const
{
    Settings settings = configuration_.settings;
    bool has_disk = configuration_.origins.contains("limits.disk");
    for (const auto& [key, text] : job.limits) {
        if (const auto stored = set(settings, key, key, text); !stored) return stored.error();
        has_disk = has_disk || key == "limits.disk";
    }
    Limits& limits = settings.limits;
    if (!has_disk) limits.disk_bytes = std::min(limits.disk_bytes, limits.memory_bytes / 2);
    return settings;
}

Result<PreparedJob> BatchJobs::prepare(const batch::Line& line) const
{
    if (line.is_too_long) return Error(Errc::too_large, "the line has more than 256 MiB");
    auto job = batch::parse_job(line.text, line.number);
    if (!job) return job.error();
    PreparedJob prepared;
    prepared.job = std::move(*job);
    batch::Job& its = prepared.job;
    if (!its.check) its.check = check_;
    const std::string& language = its.language.empty() ? options_.source.language : its.language;
    const auto source = find({its.code, its.file, its.entry, its.arguments, language}, options_);
    if (!source) return source.error();
    prepared.language = source->language;
    const auto settings = settings_of(its);
    if (!settings) return settings.error();
    RunOptions options = options_;
    if (its.image) options.image = its.image;
    prepared.image = options.image;
    options.files.insert(options.files.end(), its.sources.begin(), its.sources.end());
    for (const auto& [name, value] : its.environment) options.variables.push_back(fmt::format("{}={}", name, value));
    options.libraries.with.insert(options.libraries.with.end(), its.libraries.begin(), its.libraries.end());
    auto libraries = find_libraries(options.libraries, *source);
    if (!libraries) return libraries.error();
    prepared.libraries = std::move(*libraries);
    auto request = build_request(options, *settings, *source);
    if (!request) return request.error();
    prepared.request = std::move(*request);
    if (!source->is_in_project) add_project_files(prepared.request, prepared.libraries, source->project);
    prepared.request.list_files = true;
    if (const auto added = add_files(its, source->files.size(), prepared.request); !added) return added.error();
    if (its.check->program) {
        const auto program = prepare_check(*its.check->program, {}, {}, {});
        if (!program) return Error(program.error().code, "check: " + program.error().message, program.error().hint);
    }
    return prepared;
}

Result<PreparedJob> BatchJobs::prepare_check(const batch::CheckProgram& program, std::string input,
                                             std::string expected, std::string actual) const
{
    const std::array files{std::pair<std::string, std::string>("/tmp/check/input", std::move(input)),
                           std::pair<std::string, std::string>("/tmp/check/expected", std::move(expected)),
                           std::pair<std::string, std::string>("/tmp/check/actual", std::move(actual))};
    std::vector<std::string> arguments;
    for (const auto& [place, content] : files) arguments.push_back(place);
    arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
    const std::string no_entry;
    RunOptions options;
    const auto source = find({program.code, program.file, no_entry, std::move(arguments), program.language}, options);
    if (!source) return source.error();
    options.labels = options_.labels;
    options.no_pool = options_.no_pool;
    auto request = build_request(options, configuration_.settings, *source);
    if (!request) return request.error();
    PreparedJob prepared;
    prepared.language = source->language;
    prepared.request = std::move(*request);
    for (const auto& [place, content] : files)
        prepared.request.files.push_back(InputFile{.target = place, .content = content});
    return prepared;
}

}  // namespace sbx::cli
