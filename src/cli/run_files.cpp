#include "cli/run_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

bool is_at_or_below(const fs::path& path, std::string_view root)
{
    return path == root || path.native().starts_with(fmt::format("{}/", root));
}

/// Where a source goes that nobody gave a place.
std::string default_target(const fs::path& source)
{
    const fs::path normal = source.lexically_normal();
    if (normal == "." || normal == "./") return "/work";
    if (source.is_relative() && !normal.native().starts_with("..")) return place_inside(normal.native());
    const fs::path name = normal.has_filename() ? normal.filename() : normal.parent_path().filename();
    return name.empty() || name == ".." ? "/work" : place_inside(name.native());
}

/// Whether files can be made in a directory that may have to be made itself.
Result<void> check_writable(std::string_view flag, const fs::path& directory)
{
    std::error_code ignored;
    fs::path there = fs::absolute(directory, ignored).lexically_normal();
    while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
    const bool is_directory = fs::is_directory(there, ignored);
    if (is_directory && ::access(there.c_str(), W_OK | X_OK) == 0) return {};
    return Error(Errc::invalid_argument,
                 fmt::format("{}: cannot write into {}: {}", flag, directory.native(),
                             is_directory ? std::strerror(errno) : "not a directory"),
                 "nothing was run");
}

}  // namespace

std::string place_inside(const std::string& text)
{
    std::string path = (fs::path("/work") / text).lexically_normal().native();
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

Result<InputFile> parse_input_file(const std::string& text, bool whole_directory)
{
    std::error_code failed;
    std::string source = text;
    std::string target;
    const std::size_t colon = text.rfind(':');
    if (!fs::exists(fs::symlink_status(source, failed)) && colon != std::string::npos && colon > 0) {
        source = text.substr(0, colon);
        target = text.substr(colon + 1);
    }
    const fs::file_status status = fs::status(source, failed);
    if (!fs::exists(status) && (target == "ro" || target == "rw"))
        return Error(Errc::invalid_argument,
                     fmt::format("--file: {} ends with :{}, and files are copied, never mounted", text, target),
                     fmt::format("--file {}", source));
    if (!fs::exists(status))
        return Error(Errc::not_found, fmt::format("--file: no such file: {}", source), "nothing was run");
    InputFile file{.target = target.empty() ? default_target(source) : place_inside(target),
                   .content = fs::path(source),
                   .whole_directory = whole_directory};
    const bool into = target.ends_with('/') || file.target == "/work" || file.target == "/tmp";
    if (into && !target.empty() && !fs::is_directory(status)) file.target += "/" + fs::path(source).filename().native();
    if (!is_at_or_below(file.target, "/work") && !is_at_or_below(file.target, "/tmp"))
        return Error(Errc::invalid_argument, fmt::format("--file: {} is neither below /work nor below /tmp", target),
                     fmt::format("--file {}:/work/{}", source, fs::path(source).filename().native()));
    return file;
}

Result<InputFile> input_file(const std::string& source, const std::string& target, bool whole_directory)
{
    std::error_code failed;
    if (!fs::exists(fs::status(source, failed)))
        return Error(Errc::not_found, fmt::format("no such file: {}", source), "nothing was copied");
    if (!is_at_or_below(target, "/work") && !is_at_or_below(target, "/tmp"))
        return Error(Errc::invalid_argument, fmt::format("{} is neither below /work nor below /tmp", target));
    return InputFile{.target = target, .content = fs::path(source), .whole_directory = whole_directory};
}

Result<OutputFiles> parse_output_files(const std::string& text)
{
    const std::size_t colon = text.rfind(':');
    std::string pattern = text.substr(0, colon);
    const std::string directory = colon == std::string::npos ? "." : text.substr(colon + 1);
    const std::string place = place_inside(pattern);
    if (pattern.empty() || directory.empty() || !is_at_or_below(place, "/work"))
        return Error(Errc::invalid_argument,
                     fmt::format("--output: {} is not GLOB[:DIR] with a GLOB below /work", text),
                     "--output 'results/*.csv:out'");
    if (const Result<void> writable = check_writable("--output", directory); !writable) return writable.error();
    pattern = place == "/work" ? "." : place.substr(std::strlen("/work/"));
    return OutputFiles{.pattern = std::move(pattern), .directory = directory};
}

Result<fs::path> parse_artifacts_directory(const std::string& text)
{
    if (const Result<void> writable = check_writable("--artifacts", text); !writable) return writable.error();
    return fs::path(text);
}

Result<std::string> parse_work_directory(const std::string& text)
{
    static constexpr std::array<std::string_view, 4> refused{"/proc", "/sys", "/dev", "/.sbx"};
    std::string place = place_inside(text);
    for (const std::string_view root : refused)
        if (is_at_or_below(place, root))
            return Error(Errc::invalid_argument, fmt::format("--workdir: no program starts in {}", place),
                         "--workdir /work");
    return place;
}

}  // namespace sbx::cli
