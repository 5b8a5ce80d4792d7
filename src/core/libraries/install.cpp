#include "core/libraries/install.hpp"

#include "core/lang/words.hpp"
#include "core/libraries/archive_check.hpp"
#include "core/net/egress_list.hpp"
#include "core/random.hpp"
#include "core/sandbox/agent_volume.hpp"
#include "core/sandbox/run.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/temporary_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/algorithm/string/trim.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* certificates_inside = "/tmp/host-certificates.pem";
constexpr std::uint32_t processes = 512;
constexpr std::size_t most_last_lines = 12;

/// What an installer writes is kept for its last words alone, and it is asked nothing.
class Silence : public ProgramIo {
   public:
    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> /*bytes*/) override
    {
        co_return Result<void>();
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> /*into*/) override { co_return std::size_t{0}; }
    void stop_reading() override {}
};

/// The place of a URL, as a rule of an egress list.
Result<std::vector<EgressRule>> place_of(std::string_view url, std::string_view name)
{
    const bool is_plain = url.starts_with("http://");
    if (!is_plain && !url.starts_with("https://"))
        return Error(Errc::invalid_argument, fmt::format("{}: '{}' is not an http or https URL", name, url));
    std::string_view place = url.substr(url.find("//") + 2);
    place = place.substr(0, place.find_first_of("/?#"));
    if (const std::size_t at = place.rfind('@'); at != std::string_view::npos) place.remove_prefix(at + 1);
    const bool has_port =
        place.find(':', place.rfind(']') == std::string_view::npos ? 0 : place.rfind(']')) != std::string_view::npos;
    return parse_egress_rule(name, has_port ? std::string(place) : fmt::format("{}:{}", place, is_plain ? 80 : 443));
}

Result<std::vector<EgressRule>> reachable_places(const PackageIndex& index, const InstallPolicy& policy)
{
    std::vector<std::string> urls{index_url(index, policy)};
    if (!policy.proxy.empty())
        urls = {policy.proxy};  // which sees to the rest
    else
        for (const std::string_view host : words(index.hosts)) urls.push_back(fmt::format("https://{}", host));
    EgressList list;
    for (const std::string& url : urls) {
        const auto rules = place_of(url, policy.proxy.empty() ? "the package index" : "the proxy of the package index");
        if (!rules) return rules.error();
        if (const auto added = list.add(*rules); !added) return added.error();
    }
    return list.rules();
}

/// Memory is what files are in, and the installer's own beside them.
Limits install_limits(const InstallPolicy& policy)
{
    Limits limits;
    limits.disk_bytes = policy.most_bytes;
    limits.memory_bytes = policy.most_bytes * 3 + (std::uint64_t{512} << 20);
    limits.pids = processes;
    limits.wall_ms = policy.timeout;
    limits.output_bytes = std::nullopt;
    return limits;
}

void add_input(RunRequest& request, const std::string& name, std::string bytes)
{
    InputFile file;
    file.target = "/work/" + name;
    file.content = std::move(bytes);
    request.files.push_back(std::move(file));
}

Result<RunRequest> install_request(const LibraryPlace& place, const LibraryRequest& wanted, const InstallPolicy& policy,
                                   const fs::path& archive)
{
    RunRequest request;
    request.execution_id = random_hex(16);
    request.image = place.image;
    request.image_name = place.image_name;
    request.limits = install_limits(policy);
    request.library_bytes = policy.most_bytes;
    Result<std::vector<EgressRule>> places = reachable_places(*wanted.index, policy);
    if (!places) return places.error();
    request.allow = std::move(*places);
    request.permit = policy.permit;
    request.standby = false;
    request.labels[instance_label] = "cli";
    request.labels[sandbox_label] = request.execution_id;
    const auto end = std::chrono::system_clock::now() + policy.timeout + 10min;
    request.labels[expires_label] =
        fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count());
    if (!wanted.requirements.empty())
        add_input(request, "requirements", fmt::format("{}\n", fmt::join(wanted.requirements, "\n")));
    for (const ProjectFile& file : wanted.files) add_input(request, file.name, file.bytes);
    request.command = {"sh", fmt::format("{}/install/{}", agent_directory, wanted.index->installer)};
    request.environment.emplace_back("SBX_INDEX", index_url(*wanted.index, policy));
    if (!policy.proxy.empty())
        for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"})
            request.environment.emplace_back(name, policy.proxy);
    if (policy.certificates) {
        request.files.push_back(InputFile{.target = certificates_inside, .content = *policy.certificates});
        request.environment.emplace_back("SBX_CERTIFICATES", certificates_inside);
    }
    const std::string_view made = wanted.index->made;
    request.packed = PackedDirectory{
        .directory = fmt::format("{}{}{}", library_directory, made.empty() ? "" : "/", made),
        .tar = archive,
        .most_bytes = policy.most_bytes * 2,
    };
    return request;
}

/// The end of what an installer said, without anything a terminal would obey.
std::string last_lines(std::string_view words)
{
    std::string text;
    std::ranges::copy_if(words, std::back_inserter(text),
                         [](unsigned char c) { return c == '\n' || (c >= ' ' && c != 0x7f); });
    boost::algorithm::trim(text);
    std::size_t begin = text.size();
    for (std::size_t line = 0; line < most_last_lines && begin != 0 && begin != std::string::npos; ++line)
        begin = text.rfind('\n', begin - 1);
    return begin == std::string::npos ? text : text.substr(begin == 0 ? 0 : begin + 1);
}

std::string names_of(const LibraryRequest& request)
{
    std::vector<std::string> names = request.requirements;
    for (const ProjectFile& file : request.files) names.push_back(file.name);
    constexpr std::size_t most_names = 5;
    const bool more = names.size() > most_names;
    names.resize(std::min(names.size(), most_names));
    return fmt::format("{}{}", fmt::join(names, ", "), more ? ", …" : "");
}

Error failure(const RunResult& result, const LibraryRequest& request, const InstallPolicy& policy)
{
    const Execution& execution = result.execution;
    const std::string names = names_of(request);
    switch (execution.reason) {
        case Reason::timeout:
            return {Errc::deadline_exceeded, fmt::format("the install of {} took longer than it may", names),
                    "--install-timeout 30m"};
        case Reason::oom:
        case Reason::disk:
            return {
                Errc::too_large,
                fmt::format("the install of {} needs more than libraries.disk, {} MiB", names, policy.most_bytes >> 20),
                "sbx config set libraries.disk 4g"};
        default:
            break;
    }
    std::string said = last_lines(result.last_words);
    const bool untrusted = said.find("ertificate") != std::string::npos;
    for (const NetworkAttempt& attempt : execution.network)
        if (attempt.verdict == Verdict::refused && attempt.reason.starts_with(attempt.host))
            return {Errc::unavailable, fmt::format("the install of {} failed: {}", names, attempt.reason),
                    "egress.permit in the operator's settings opens it"};
    // An index that has answered is there: it does not have what it was asked for.
    const bool has_answered = std::ranges::any_of(execution.network, [](const NetworkAttempt& attempt) {
        return attempt.verdict == Verdict::allowed && attempt.received_bytes > 0;
    });
    return {has_answered && !untrusted ? Errc::invalid_argument : Errc::unavailable,
            fmt::format("the install of {} failed:\n{}", names, said),
            untrusted && !policy.certificates ? "SBX_TRUST_HOST_CA=1 lets installs trust what this host trusts" : ""};
}

}  // namespace

std::string index_url(const PackageIndex& index, const InstallPolicy& policy)
{
    const auto configured = policy.urls.find(std::string(setting_of(index)));
    return configured == policy.urls.end() ? std::string(index.url) : configured->second;
}

asio::awaitable<void> remove_leftovers(Engine& engine, LibraryStore store)
{
    const Result<std::string> owner = store.owner();
    if (!owner) co_return;
    const auto volumes = co_await engine.volumes(fmt::format("{}={}", library_owner_label, *owner));
    if (!volumes) co_return;
    const std::vector<LibrarySet> sets = store.list();
    for (const VolumeInfo& volume : *volumes) {
        if (std::ranges::find(sets, volume.name, &LibrarySet::volume) != sets.end()) continue;
        const auto key = volume.labels.find(library_label);
        if (key == volume.labels.end() || store.is_locked(key->second)) continue;
        const Result<void> removed = co_await engine.remove_volume(volume.name);  // one in use stays for the next time
    }
}

asio::awaitable<Result<LibrarySet>> install_libraries(LibraryPlace place, LibraryRequest request, InstallPolicy policy,
                                                      LibraryStore store, Directories own)
{
    const Result<std::string> owner = store.owner();
    if (!owner) co_return owner.error();
    co_await remove_leftovers(place.engine, store);
    Result<fs::path> archive = store.new_archive();
    if (!archive) co_return archive.error();
    const TemporaryFile tar(std::move(*archive));
    Result<RunRequest> install = install_request(place, request, policy, tar.path);
    if (!install) co_return install.error();
    const Result<EngineInfo> engine = co_await place.engine.probe();
    if (!engine) co_return engine.error();
    install->limits.millicpus = std::max(engine->cpus, 1U) * 1000;

    Silence silence;
    StandbyStore standbys(own.state);
    const auto run = std::make_unique<Run>(co_await asio::this_coro::executor, place.engine, silence,
                                           std::move(*install), place.endpoint, standbys, own.cache);
    const Result<RunResult> result = co_await run->execute();
    if (!result) co_return result.error();
    if (result->execution.exit_code != 0) co_return failure(*result, request, policy);

    LibrarySet set;
    set.key = library_key(request, place.image.id, index_url(*request.index, policy));
    set.language = setting_of(*request.index);
    set.requirements = request.requirements;
    for (const ProjectFile& file : request.files) set.files.push_back(file.name);
    set.image = place.image.id;
    set.image_name = place.image_name;
    set.volume = new_library_volume(set.key);
    std::error_code ec;
    set.bytes = fs::file_size(tar.path, ec);
    if (const Result<void> sound = check_archive(tar.path); !sound) co_return sound.error();
    const auto labels = library_labels(set.key, *owner);
    const Result<VolumeInfo> made = co_await place.engine.import_volume(set.volume, labels, tar.path, place.image.id);
    if (!made) co_return made.error();
    set.volume_created = made->created;
    set.installed =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    co_return set;
}

}  // namespace sbx
