#include "cli/doctor_checks.hpp"

#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/whole_file.hpp"
#include "sbx/language.hpp"
#include "sbx/quantity.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

Check agent_check(const EngineFacts& facts)
{
    Check check{.name = "agent", .ok = !facts.agent_hash.empty()};
    check.detail = check.ok ? fmt::format("made for {}", facts.info.architecture)
                            : fmt::format("there is none for {}", facts.info.architecture);
    check.mend = "build sbx with an agent of that architecture";
    return check;
}

Check volume_check(const EngineFacts& facts)
{
    Check check{.name = "agent volume", .ok = true};
    if (!facts.agent_volume) {
        check.detail = "not there yet: the first run makes it";
        return check;
    }
    const auto label = facts.agent_volume->labels.find(agent_label);
    check.ok = label != facts.agent_volume->labels.end() && label->second == facts.agent_hash;
    check.detail = fmt::format("{}{}", facts.agent_volume->name, check.ok ? "" : " is not ours");
    check.mend = fmt::format("docker volume rm {}", facts.agent_volume->name);
    return check;
}

Check clock_check(const EngineFacts& facts)
{
    constexpr auto tolerance = 30s;  // half of what a sandbox has to start before it counts as lost
    Check check{.name = "clock", .ok = true, .required = false, .detail = "the engine's is not known"};
    if (facts.info.time == std::chrono::system_clock::time_point()) return check;
    const auto apart = std::chrono::abs(facts.info.time - facts.our_time);
    check.ok = apart < tolerance;
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(apart).count();
    check.detail = fmt::format("{} s from the engine's", whole);
    check.mend = "set both clocks: sandboxes that are starting could be taken for lost ones";
    return check;
}

Check image_check(const Language& language, const EngineFacts& facts)
{
    const auto image = facts.images.find(std::string(language.name));
    const bool here = image != facts.images.end();
    const std::string absent = language.official_image.empty()
                                   ? "none here"
                                   : fmt::format("none here; a run would pull {}", language.official_image);
    return {.name = fmt::format("image of {}", language.name),
            .ok = here,
            .required = false,
            .detail = here ? image->second : absent,
            .mend = fmt::format("sbx image build {}", language.name)};
}

/// The first directory of `path` that exists decides whether `path` can be made.
bool can_write(fs::path path)
{
    std::error_code ec;
    while (!fs::exists(path, ec) && path.has_relative_path()) path = path.parent_path();
    return ::access(path.c_str(), W_OK | X_OK) == 0;
}

/// Another copy of this program, whatever its version: other products have a command of the same name.
bool is_ours(const fs::path& program)
{
    const std::optional<std::string> bytes = read_whole_file(program);
    return bytes && bytes->find(expires_label) != std::string::npos;
}

}  // namespace

std::vector<Check> engine_checks(const EngineFacts& facts)
{
    const EngineInfo& info = facts.info;
    std::vector<Check> checks{
        {.name = "engine", .ok = true, .detail = fmt::format("{} {} at {}", info.name, info.version, info.endpoint)},
        {.name = "engine API", .ok = true, .detail = info.api_version},
        {.name = "machine",
         .ok = true,
         .detail = fmt::format("{} on {}, {} processors, {}", info.os, info.architecture, info.cpus,
                               human_size(info.memory_bytes))},
        {.name = "cgroups", .ok = true, .detail = info.cgroup_v2 ? "version 2" : "version 1"},
        {.name = "seccomp",
         .ok = info.seccomp,
         .detail = info.seccomp ? "system calls can be filtered" : "the engine cannot filter system calls",
         .mend = "use a kernel and an engine with seccomp: sbx runs nothing without it"},
        agent_check(facts),
        volume_check(facts),
        clock_check(facts),
    };
    for (const Language& language : languages()) checks.push_back(image_check(language, facts));
    checks.push_back(
        {.name = "images",
         .ok = !facts.images.empty(),
         .detail = fmt::format("{} of {} languages can run at once", facts.images.size(), languages().size()),
         .mend = "sbx image build python"});
    return checks;
}

Check unreachable(const Error& error)
{
    return {.name = "engine", .ok = false, .detail = error.message, .mend = error.hint};
}

Check path_check(const std::string& program, const fs::path& self, const std::string& search)
{
    Check check{.name = "PATH", .ok = true, .required = false};
    check.detail = fmt::format("{} is not on PATH; this is {}", program, self.string());
    std::istringstream directories(search);
    for (std::string directory; std::getline(directories, directory, ':');) {
        const fs::path candidate = fs::path(directory.empty() ? "." : directory) / program;
        std::error_code ec;
        if (::access(candidate.c_str(), X_OK) != 0 || fs::is_directory(candidate, ec)) continue;
        check.ok = fs::equivalent(candidate, self, ec) || is_ours(candidate);
        check.detail = check.ok ? candidate.string() : fmt::format("{} is another program", candidate.string());
        check.mend = fmt::format("put {} earlier into PATH, or install this {} under another name",
                                 self.parent_path().string(), program);
        return check;
    }
    return check;
}

std::vector<Check> directory_checks(const Directories& directories)
{
    std::vector<Check> checks;
    const std::pair<const char*, fs::path> all[] = {{"state directory", directories.state},
                                                    {"cache directory", directories.cache}};
    for (const auto& [name, path] : all) {
        Check check{.name = name, .ok = !path.empty() && can_write(path), .required = false};
        check.detail = path.empty() ? "no home to put it in" : path.string() + (check.ok ? "" : " cannot be written");
        check.mend = "set HOME to a directory of yours: runs work without it, a little slower";
        checks.push_back(check);
    }
    return checks;
}

bool all_required_ok(const std::vector<Check>& checks)
{
    return std::ranges::all_of(checks, [](const Check& check) { return check.ok || !check.required; });
}

}  // namespace sbx::cli
