#include "daemon/sessions/session_libraries.hpp"

#include "core/json.hpp"
#include "core/lang/requirement.hpp"
#include "core/lang/words.hpp"
#include "core/libraries/library_use.hpp"
#include "core/temporary_file.hpp"
#include "core/whole_file.hpp"
#include "daemon/executions/attend.hpp"
#include "daemon/sandboxes/growing_volume.hpp"
#include "daemon/sessions/session_script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_installs = 4;  // at a time
constexpr std::ptrdiff_t most_installs_of_one = 2;
constexpr auto longest_wait = 30s;  // for others' installs

std::filesystem::path file_of(const Sandboxes& sandboxes, const Living& living)
{
    return sandboxes.store().directory_of(living.record.id) / "libraries.json";
}

/// Those of both, sorted, each once.
std::vector<std::string> together(std::vector<std::string> one, const std::vector<std::string>& other)
{
    one.insert(one.end(), other.begin(), other.end());
    std::ranges::sort(one);
    const auto repeated = std::ranges::unique(one);
    one.erase(repeated.begin(), repeated.end());
    return one;
}

}  // namespace

SessionLibraries libraries_of(const Sandboxes& sandboxes, const Living& living)
{
    const std::optional<std::string> text = read_whole_file(file_of(sandboxes, living));
    if (!text) return {};
    const Result<SessionLibraries> libraries = parse_as<SessionLibraries>(*text);
    return libraries ? *libraries : SessionLibraries();
}

Error library_error(const std::vector<std::string>& libraries, const Error& error)
{
    const std::string what = fmt::format("library '{}': {}", fmt::join(libraries, "', '"), error.message);
    switch (error.code) {
        case Errc::invalid_argument:
        case Errc::too_large:
            return {Errc::invalid_argument, what, error.hint};  // it asked for too much
        case Errc::not_found:
            return {Errc::unavailable, what, error.hint};  // the image, or the set just made
        default:
            return error;
    }
}

std::string_view announcement(const Language& language)
{
    if (language.name == "python")
        return "__import__('site').addsitedir('/opt/sbx/lib/python%d.%d/site-packages' % "
               "__import__('sys').version_info[:2]); __import__('importlib').invalidate_caches()";
    if (language.name == "ruby") return "Gem.paths = { 'GEM_PATH' => '/opt/sbx:' }";
    if (language.name == "r") return ".libPaths(c('/opt/sbx', .libPaths()))";
    if (language.name == "lua")
        return "if not package.path:find('/opt/sbx/', 1, true) then package.path = package.path .. "
               "';/opt/sbx/share/lua/5.4/?.lua;/opt/sbx/share/lua/5.4/?/init.lua' "
               "package.cpath = package.cpath .. ';/opt/sbx/lib/lua/5.4/?.so' end";
    return {};
}

std::vector<std::string> library_arguments(const Language& language, const SessionLibraries& libraries)
{
    const auto index = find_package_index(language);
    if (!index || libraries.requirements.empty()) return {};
    std::vector<std::string> arguments;
    for (const std::string_view word : words((*index)->compile_arguments)) arguments.emplace_back(word);
    return arguments;
}

/// Libraries come into one sandbox once at a time.
class LibraryInstaller::Place {
   public:
    Place(LibraryInstaller& of, const SandboxRecord& record) : of_(of), id_(record.id)
    {
        of_.busy_[id_] = record.owner;
    }
    ~Place()
    {
        of_.busy_.erase(id_);
        of_.changed_.notify_all();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    LibraryInstaller& of_;
    std::string id_;
};

bool LibraryInstaller::has_room(const SandboxRecord& record) const
{
    const auto of_owner = std::ranges::count(busy_, record.owner, &decltype(busy_)::value_type::second);
    return !busy_.contains(record.id) && busy_.size() < most_installs && of_owner < most_installs_of_one;
}

asio::awaitable<Result<void>> LibraryInstaller::add(Exchange& exchange, std::shared_ptr<Living> living,
                                                    const Language& language, std::vector<std::string> wanted)
{
    const auto index = find_package_index(language);
    if (!index) co_return index.error();
    auto sound = sound_requirements(**index, std::move(wanted), "libraries");
    if (!sound) co_return sound.error();
    bool is_unwanted = false;
    std::optional<Result<void>> added;
    const auto work = [&]() -> asio::awaitable<void> {
        added.emplace(co_await add_when_free(living, **index, std::move(*sound), is_unwanted));
    };
    std::function<void()> leave = [&] {
        is_unwanted = true;
        changed_.notify_all();
    };
    co_await attend(exchange, work(), std::move(leave));
    co_return std::move(*added);
}

asio::awaitable<Result<void>> LibraryInstaller::add_when_free(std::shared_ptr<Living> living, const PackageIndex& index,
                                                              std::vector<std::string> wanted, const bool& is_unwanted)
{
    const SandboxRecord& record = living->record;
    const auto patience = std::chrono::steady_clock::now() + longest_wait;
    while (!has_room(record)) {
        if (is_unwanted) co_return Error(Errc::cancelled, "nobody waits for it any more");
        if (std::chrono::steady_clock::now() >= patience) co_return session_is_busy();
        co_await changed_.wait(patience);
    }
    const Place place(*this, record);
    // An install that was begun is of use to whoever comes next: nobody interrupts it.
    const Result<void> added = co_await add_in_turn(living, index, std::move(wanted));
    co_return added;
}

asio::awaitable<Result<void>> LibraryInstaller::add_in_turn(std::shared_ptr<Living> living, const PackageIndex& index,
                                                            std::vector<std::string> wanted)
{
    SessionLibraries libraries = libraries_of(sandboxes_, *living);
    std::vector<std::string> all = together(libraries.requirements, wanted);
    if (all == libraries.requirements) co_return Result<void>();
    if (living->over) co_return no_such_session();
    const Result<EnvironmentList> variables = co_await fill(*living, index, all);
    if (!variables && living->over) co_return no_such_session();
    if (!variables) co_return library_error(wanted, variables.error());
    if (!index.stand_in.empty()) {
        std::string name(index.stand_in);
        std::string content(index.stand_in_text);
        const Result<void> put = co_await put_work_file(living, std::move(name), std::move(content));
        if (!put && put.error().code == Errc::not_found) co_return no_such_session();
        if (!put) co_return put;
    }
    libraries.requirements = std::move(all);
    libraries.variables = *variables;
    co_return write_whole_file(file_of(sandboxes_, *living), nlohmann::json(libraries).dump() + "\n");
}

/// Installs a set, or finds it, and copies it into the session's volume.
asio::awaitable<Result<EnvironmentList>> LibraryInstaller::fill(const Living& living, const PackageIndex& index,
                                                                std::vector<std::string> requirements) const
{
    const SandboxRecord record = living.now();
    const Result<ImageInfo> image = co_await services_.engine.image(record.image);
    if (!image) co_return image.error();
    LibraryRequest wanted;
    wanted.index = &index;
    wanted.requirements = std::move(requirements);
    LibraryPlace place{services_.engine, services_.endpoint, *image, record.image_name};
    InstallPolicy policy = install_policy(services_.settings, process_environment());
    const Result<MountedLibraries> set = co_await ensure_libraries(
        std::move(place), std::move(wanted), std::move(policy), services_.own, std::function<void()>());
    if (!set) co_return set.error();
    const Mount* own = growing_volume(record);
    if (own == nullptr) co_return Error(Errc::internal, "the session has no volume for libraries");
    const LibraryStore store(services_.own.cache, services_.endpoint);
    Result<std::filesystem::path> archive = store.new_archive();
    if (!archive) co_return archive.error();
    const TemporaryFile tar(std::move(*archive));
    const Result<void> out = co_await services_.engine.export_volume(set->mount.volume, tar.path, record.image);
    if (!out) co_return out.error();
    const Result<void> in = co_await copy_into(living, *own, tar.path);
    if (!in) co_return in.error();
    co_return set->variables;
}

/// A session that ends meanwhile takes its volume with it, which must not be made anew.
asio::awaitable<Result<void>> LibraryInstaller::copy_into(const Living& living, const Mount& own,
                                                          std::filesystem::path tar) const
{
    if (living.over) co_return no_such_session();
    const Result<VolumeInfo> known = co_await services_.engine.volume(own.volume);
    if (!known && known.error().code == Errc::not_found) co_return no_such_session();
    if (!known) co_return known.error();
    const Result<VolumeInfo> in =
        co_await services_.engine.import_volume(own.volume, own.labels, std::move(tar), living.record.image);
    if (living.over) {
        const Result<void> removed = co_await services_.engine.remove_volume(own.volume);
        co_return no_such_session();
    }
    if (!in) co_return in.error();
    co_return Result<void>();
}

}  // namespace sbx::daemon
