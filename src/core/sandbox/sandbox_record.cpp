#include "core/sandbox/sandbox_record.hpp"

#include "core/config/directories.hpp"
#include "core/file_lock.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/whole_file.hpp"

#include <algorithm>
#include <thread>

namespace sbx {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t id_letters = 20;
constexpr std::size_t longest_name = 64;
constexpr auto patience_for_lock = 10s;
constexpr auto remembered_end = 24h;
constexpr std::size_t most_remembered = 100;  // every new sandbox looks through them

bool is_id_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_id(std::string_view text)
{
    return text.size() == id_letters && std::ranges::all_of(text, is_id_letter);
}

/// 103 bits from the kernel.
std::string new_id()
{
    return random_text(id_letters, "abcdefghijklmnopqrstuvwxyz0123456789");
}

/// One of several processes at a time makes and forgets sandboxes.
Result<FileLock> lock_all(const fs::path& directory)
{
    const auto end = std::chrono::steady_clock::now() + patience_for_lock;
    for (;;) {
        if (auto lock = FileLock::try_acquire(directory / "lock")) return std::move(*lock);
        if (std::chrono::steady_clock::now() > end)
            return Error(Errc::unavailable, "another sbx holds the list of sandboxes");
        std::this_thread::sleep_for(5ms);
    }
}

/// Those that ended so long ago, or so many others ago, that nobody asks for them any more.
std::vector<SandboxRecord> old_ones(const std::vector<SandboxRecord>& all)
{
    std::vector<SandboxRecord> ended;
    std::ranges::copy_if(all, std::back_inserter(ended), [](const auto& record) { return record.cause.has_value(); });
    std::ranges::sort(ended, std::greater(), &SandboxRecord::ended);
    const auto is_fresh = [&, now = record_time()](const auto& record) { return record.ended + remembered_end >= now; };
    const auto fresh = std::ranges::find_if_not(ended, is_fresh) - ended.begin();
    ended.erase(ended.begin(), ended.begin() + std::min<std::ptrdiff_t>(fresh, most_remembered));
    return ended;
}

}  // namespace

std::chrono::milliseconds record_time()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

bool is_sandbox_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
        return is_id_letter(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    });
}

Result<SandboxRecord> parse_sandbox_record(const std::string& json)
{
    return parse_as<SandboxRecord>(json);
}

SandboxStore::SandboxStore(const fs::path& state) : directory_(state.empty() ? fs::path() : state / "sandboxes") {}

Result<SandboxRecord> SandboxStore::add(SandboxRecord record) const
{
    if (directory_.empty())
        return Error(Errc::unavailable, "there is no state directory to keep sandboxes in", "set HOME");
    if (!record.name.empty() && !is_sandbox_name(record.name))
        return Error(Errc::invalid_argument,
                     fmt::format("'{}' is no name of letters, digits, '.', '_' and '-'", record.name));
    if (const auto ready = make_private_directory(directory_); !ready) return ready.error();
    const Result<FileLock> lock = lock_all(directory_);
    if (!lock) return lock.error();
    const std::vector<SandboxRecord> all = list();
    for (const SandboxRecord& old : old_ones(all)) forget(old);
    for (const SandboxRecord& other : all) {
        if (!other.cause && !record.name.empty() && other.name == record.name && other.owner == record.owner)
            return Error(Errc::conflict, fmt::format("sandbox {} has the name {}", other.id, other.name),
                         fmt::format("sbx rm {}", other.name));
    }
    record.id = new_id();
    if (const auto made = make_private_directory(directory_of(record.id)); !made) return made.error();
    if (const auto written = write(record); !written) return written.error();
    return record;
}

Result<void> SandboxStore::write(const SandboxRecord& record) const
{
    return write_whole_file(directory_of(record.id) / "record.json", nlohmann::json(record).dump() + "\n");
}

void SandboxStore::forget(const SandboxRecord& record) const
{
    std::error_code ignored;
    if (is_id(record.id)) fs::remove_all(directory_of(record.id), ignored);
}

Result<void> SandboxStore::copy(const SandboxRecord& record) const
{
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    const bool is_sound = is_id(record.id) && (record.name.empty() || is_sandbox_name(record.name)) &&
                          std::ranges::none_of(record.image_name, is_control) &&
                          std::ranges::none_of(record.directory, is_control);
    if (!is_sound) return Error(Errc::invalid_argument, "a sandbox's record is not sound");
    for (const fs::path& made : {directory_, directory_of(record.id)})
        if (const auto ready = make_private_directory(made); !ready) return ready.error();
    return write(record);
}

std::optional<SandboxRecord> SandboxStore::read(const std::string& id) const
{
    (void)refresh();  // what is known is better than nothing
    return load(id);
}

std::optional<SandboxRecord> SandboxStore::load(const std::string& id) const
{
    if (!is_id(id) || directory_.empty()) return std::nullopt;
    const auto text = read_whole_file(directory_of(id) / "record.json");
    if (!text) return std::nullopt;
    Result<SandboxRecord> record = parse_as<SandboxRecord>(*text);
    if (!record || record->id != id) return std::nullopt;
    return std::move(*record);
}

std::vector<SandboxRecord> SandboxStore::list() const
{
    std::vector<SandboxRecord> all;
    std::error_code ec;
    if (directory_.empty()) return all;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_, ec))
        if (auto record = load(entry.path().filename().string())) all.push_back(std::move(*record));
    std::ranges::sort(all, {}, &SandboxRecord::created);
    return all;
}

Result<SandboxRecord> SandboxStore::find(const std::string& text) const
{
    if (const auto fresh = refresh(); !fresh) return fresh.error();
    if (auto exact = load(text)) return std::move(*exact);
    const std::vector<SandboxRecord> all = list();
    std::vector<SandboxRecord> begin;
    std::optional<SandboxRecord> named;
    for (const SandboxRecord& record : all) {
        if (record.name == text && !text.empty() && (!named || named->cause)) named = record;
        if (!text.empty() && record.id.starts_with(text)) begin.push_back(record);
    }
    if (named) return std::move(*named);
    if (begin.size() == 1) return std::move(begin.front());
    if (!begin.empty())
        return Error(Errc::conflict, fmt::format("{} sandboxes have an id that begins with {}", begin.size(), text),
                     "sbx ps -a");
    return Error(Errc::not_found, fmt::format("no such sandbox: {}", text), "sbx ps -a");
}

}  // namespace sbx
