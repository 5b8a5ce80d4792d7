#include "core/libraries/library_store.hpp"

#include "core/config/directories.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/sandbox/condition.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto look_again = 20ms;
constexpr auto longest_archive_life = 1h;
constexpr std::size_t owner_digits = 16;
constexpr std::size_t endpoint_digits = 12;
constexpr std::size_t shown_digits = 12;

}  // namespace

std::string library_key(const LibraryRequest& request, const std::string& image, const std::string& url)
{
    std::string all =
        fmt::format("{}\n{}\n{}\n{}", image, request.index->installer, url, fmt::join(request.requirements, "\n"));
    for (const ProjectFile& file : request.files)
        all += fmt::format("\n{} {}\n{}", file.name, file.bytes.size(), file.bytes);
    return short_hash(all);
}

bool is_library_key(std::string_view text)
{
    constexpr std::size_t digits = 32;
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string new_library_volume(const std::string& key)
{
    return fmt::format("sbx-libraries-{}-{}", key.substr(0, shown_digits), random_hex(4));
}

std::map<std::string, std::string> library_labels(const std::string& key, const std::string& owner)
{
    return {{library_label, key}, {library_owner_label, owner}};
}

LibraryStore::LibraryStore(const fs::path& cache, const std::string& endpoint)
    : directory_(cache.empty() ? fs::path() : cache / "libraries" / short_hash(endpoint).substr(0, endpoint_digits))
{
}

std::optional<LibrarySet> LibraryStore::find(const std::string& key) const
{
    const std::optional<std::string> text = read_whole_file(file_of(key));
    if (!text) return std::nullopt;
    Result<LibrarySet> set = parse_as<LibrarySet>(*text);
    return set && set->key == key ? std::optional(std::move(*set)) : std::nullopt;
}

std::vector<LibrarySet> LibraryStore::list() const
{
    std::vector<LibrarySet> all;
    std::error_code ec;
    if (directory_.empty()) return all;
    for (fs::directory_iterator at(directory_, ec), end; !ec && at != end; at.increment(ec))
        if (at->path().extension() == ".json")
            if (auto set = find(at->path().stem().string())) all.push_back(std::move(*set));
    std::ranges::sort(all, {}, &LibrarySet::installed);
    return all;
}

Result<void> LibraryStore::make() const
{
    if (directory_.empty())
        return Error(Errc::unavailable, "there is no cache directory to remember libraries in",
                     "set HOME or XDG_CACHE_HOME");
    std::error_code ec;
    fs::create_directories(directory_.parent_path().parent_path(), ec);
    if (auto made = make_private_directory(directory_.parent_path()); !made) return made;
    return make_private_directory(directory_);
}

Result<void> LibraryStore::add(const LibrarySet& set) const
{
    if (auto made = make(); !made) return made;
    return write_whole_file(file_of(set.key), nlohmann::json(set).dump(2) + "\n");
}

void LibraryStore::forget(const LibrarySet& set) const
{
    std::error_code ec;
    fs::remove(file_of(set.key), ec);
}

void LibraryStore::touch(const LibrarySet& set) const
{
    std::error_code ec;
    fs::last_write_time(file_of(set.key), fs::file_time_type::clock::now(), ec);
}

std::chrono::system_clock::time_point LibraryStore::last_used(const LibrarySet& set) const
{
    std::error_code ec;
    const fs::file_time_type time = fs::last_write_time(file_of(set.key), ec);
    return ec ? std::chrono::system_clock::time_point() : std::chrono::file_clock::to_sys(time);
}

boost::asio::awaitable<Result<FileLock>> LibraryStore::lock(std::string key, std::chrono::milliseconds patience) const
{
    if (const Result<void> made = make(); !made) co_return made.error();
    const fs::path path = directory_ / (key + ".lock");
    Condition pause(co_await boost::asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        std::optional<FileLock> lock = FileLock::try_acquire(path);
        if (lock) co_return std::move(*lock);
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline) break;
        co_await pause.wait(now + look_again);
    }
    co_return Error(Errc::deadline_exceeded, "another sbx has been installing these libraries for too long",
                    "try again, or raise --install-timeout");
}

bool LibraryStore::is_locked(const std::string& key) const
{
    return !FileLock::try_acquire(directory_ / (key + ".lock"));
}

Result<std::string> LibraryStore::owner() const
{
    if (auto made = make(); !made) return made.error();
    const fs::path file = directory_ / "owner";
    std::optional<std::string> known = read_whole_file(file);
    if (known && known->size() >= owner_digits) return known->substr(0, owner_digits);
    std::string fresh = random_hex(owner_digits / 2);
    if (const auto written = write_whole_file(file, fresh + "\n"); !written) return written.error();
    return fresh;
}

Result<fs::path> LibraryStore::new_archive() const
{
    if (auto made = make(); !made) return made.error();
    std::error_code ec;
    const auto now = fs::file_time_type::clock::now();
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_, ec)) {
        std::error_code gone;
        const bool is_old = now - entry.last_write_time(gone) > longest_archive_life;
        if (entry.path().extension() == ".tar" && !gone && is_old) fs::remove(entry.path(), gone);
    }
    return directory_ / (random_hex(8) + ".tar");
}

}  // namespace sbx
