#include "core/store/store_file.hpp"

#include "core/config/directories.hpp"
#include "core/descriptor.hpp"
#include "core/random.hpp"
#include "core/store/key_table.hpp"
#include "core/store/migrations.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sbx {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t application_id = 0x73627831;  // "sbx1"
/// Larger files are not read through at every start.
constexpr std::int64_t most_checked_bytes = std::int64_t{256} << 20;

/// Whether a file is there.
/// @error permission_denied  it is not a file that nobody else can open
Result<bool> is_there(const fs::path& path)
{
    struct stat status {};
    // Not through a descriptor: closing one would drop the locks that SQLite has on the file.
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return false;
        return Error(Errc::permission_denied, fmt::format("{}: {}", path.string(), std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid())
        return Error(Errc::permission_denied, fmt::format("{}: not a file of this user", path.string()), "remove it");
    if ((status.st_mode & 077) != 0)
        return Error(Errc::permission_denied, fmt::format("{}: open to other users", path.string()),
                     fmt::format("chmod 600 {}", path.string()));
    return true;
}

/// Whether a file that is there is a whole store, of any version.
/// @error as the database's, when that cannot be found out
Result<bool> is_sound(const fs::path& path, Unsound unsound)
{
    std::error_code ec;
    if (fs::file_size(path, ec) == 0) return false;  // it was made whole, so something cut it
    Result<Database> database = Database::open(path);
    if (!database) return database.error();
    const Result<std::int64_t> id = database->number("PRAGMA application_id");
    if (!id && database->health() == StoreHealth::damaged) return false;
    if (!id) return id.error();
    if (*id != application_id) return false;
    if (unsound == Unsound::refuse || fs::file_size(path, ec) > most_checked_bytes) return true;
    Result<Statement> check = database->prepare("PRAGMA quick_check(1)");
    if (!check && database->health() == StoreHealth::damaged) return false;
    if (!check) return check.error();
    const Result<bool> row = check->step();
    if (!row && database->health() == StoreHealth::damaged) return false;
    if (!row) return row.error();
    return *row && check->text(0) == "ok";
}

/// Names it `store.db.damaged-TIME`, and what SQLite keeps beside it likewise.
Result<fs::path> set_aside(const fs::path& path)
{
    const std::string when = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::time(nullptr)));
    fs::path aside;
    for (int n = 1; aside.empty() || fs::exists(fs::symlink_status(aside)); ++n)
        aside = fmt::format("{}.damaged-{}{}", path.native(), when, n == 1 ? "" : fmt::format("-{}", n));
    for (const char* suffix : {"-wal", "-shm", ""}) {
        std::error_code failed;
        fs::rename(path.native() + suffix, aside.native() + suffix, failed);
        if (failed && failed != std::errc::no_such_file_or_directory)
            return Error(Errc::unavailable, fmt::format("cannot rename {}: {}", path.string(), failed.message()));
    }
    return aside;
}

/// Tables and all, in the file of that name.
Result<void> fill(const fs::path& path, bool requires_keys)
{
    Result<Database> database = Database::open(path);
    if (!database) return database.error();
    if (const auto set = database->configure(0); !set) return set.error();
    if (const auto made = migrate(*database, store_migrations()); !made) return made.error();
    const auto named = database->execute_script(fmt::format("PRAGMA application_id = {}", application_id));
    if (!named) return named.error();
    if (requires_keys) return KeyTable(*database).require();
    return {};
}

/// Makes it aside, so that whoever finds the file finds all of it. Another process may be faster.
Result<void> make_new(const fs::path& path, bool requires_keys)
{
    const std::string aside = fmt::format("{}.new-{}", path.native(), random_hex(8));
    const Descriptor file(::open(aside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file)
        return Error(errno == ENOSPC || errno == EDQUOT ? Errc::unavailable : Errc::permission_denied,
                     fmt::format("cannot make {}: {}", aside, std::strerror(errno)));
    Result<void> made = fill(aside, requires_keys);
    if (made && ::link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST)
        made = Error(Errc::unavailable, fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)));
    for (const char* suffix : {"-wal", "-shm", ""}) ::unlink((aside + suffix).c_str());
    return made;
}

Error unsound_error(const fs::path& path)
{
    return Error(Errc::unavailable, fmt::format("{} is damaged, or no store", path.string()),
                 "start the daemon, which sets it aside");
}

}  // namespace

fs::path store_path(const fs::path& state)
{
    return state / "daemon" / "store.db";
}

Result<StoreFile> open_store_file(const fs::path& path, Unsound unsound, std::uint64_t most_bytes)
{
    if (const auto ready = make_private_directory(path.parent_path()); !ready) return ready.error();
    std::optional<fs::path> aside;
    Result<bool> found = is_there(path);
    if (!found) return found.error();
    if (*found) {
        const Result<bool> sound = is_sound(path, unsound);
        if (!sound) return sound.error();
        if (!*sound && unsound == Unsound::refuse) return unsound_error(path);
        if (!*sound) {
            Result<fs::path> renamed = set_aside(path);
            if (!renamed) return renamed.error();
            aside = std::move(*renamed);
        }
        found = *sound;
    }
    if (!*found)
        if (const auto made = make_new(path, aside.has_value()); !made) return made.error();
    Result<Database> database = Database::open(path);
    if (!database) return database.error();
    if (const auto ready = migrate(*database, store_migrations()); !ready) return ready.error();
    if (const auto set = database->configure(most_bytes); !set) return set.error();
    return StoreFile(std::move(*database), std::move(aside));
}

Result<std::optional<Database>> open_store_to_read(const fs::path& path)
{
    const Result<bool> found = is_there(path);
    if (!found) return found.error();
    if (!*found) return std::optional<Database>();
    Result<Database> database = Database::open(path);
    if (!database) return database.error();
    if (const auto set = database->execute_script("PRAGMA query_only = ON"); !set) return set.error();
    const Result<std::int64_t> id = database->number("PRAGMA application_id");
    if (!id && database->health() != StoreHealth::damaged) return id.error();
    if (!id || *id != application_id) return unsound_error(path);
    const Result<std::int64_t> version = database->number("PRAGMA user_version");
    if (!version) return version.error();
    if (*version != static_cast<std::int64_t>(store_migrations().size()))
        return Error(Errc::conflict, fmt::format("another version of sbx wrote {}", path.string()),
                     "use the same sbx as the daemon's");
    return std::optional<Database>(std::move(*database));
}

}  // namespace sbx
