#include "daemon/interpreter/stored_files.hpp"

#include "core/config/directories.hpp"
#include "core/random.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>

namespace sbx::daemon {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::size_t id_letters = 21;
constexpr auto longest_upload = 1h;  // a content may be there before the store knows of it
constexpr const char* runs = "runs";

Error no_file()
{
    return {Errc::not_found, "File not found"};
}

Error no_session()
{
    return {Errc::not_found, "Not found"};
}

/// By when it got its name, whatever time its content claims.
bool is_older(const fs::path& path, std::chrono::seconds age)
{
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return false;
    const std::chrono::system_clock::time_point changed = std::chrono::system_clock::from_time_t(status.st_ctim.tv_sec);
    return std::chrono::system_clock::now() - changed > age;
}

Result<void> remove_unknown(const fs::path& directory, const std::set<std::string>& known)
{
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, failed)) {
        const std::string name = entry.path().filename().native();
        if (name == runs || known.contains(name) || !is_older(entry.path(), longest_upload)) continue;
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
    }
    if (failed) return Error(Errc::unavailable, "the directory of stored files cannot be read");
    return {};
}

}  // namespace

std::string new_file_id()
{
    return random_text(id_letters, alphabet);
}

bool is_file_id(std::string_view text)
{
    return text.size() == id_letters && text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::pair<std::string, std::string> owner_of(const Caller& caller)
{
    if (!caller.tenant.empty()) return {caller.tenant, caller.subject};
    return {"", caller.key};
}

bool may_remove(const FileSession& session, const Caller& caller)
{
    return caller.is_operator || std::pair(session.tenant, session.subject) == owner_of(caller);
}

bool may_read(const FileSession& session, const Caller& caller, const FileEntity& named)
{
    if (may_remove(session, caller)) return true;
    if (caller.tenant.empty() || session.tenant != caller.tenant) return false;
    const bool is_named = session.entity_kind == named.kind && session.entity_id == named.id;
    if (!is_named || named.id.empty()) return false;
    return named.kind == "agent" || (named.kind == "skill" && session.entity_version == named.version);
}

Result<void> StoredFiles::open() const
{
    if (const auto made = make_private_directory(directory_); !made) return made;
    std::error_code failed;
    fs::remove_all(directory_ / runs, failed);
    return make_private_directory(directory_ / runs);
}

fs::path StoredFiles::run_place(const std::string& id) const
{
    return directory_ / runs / id;
}

asio::awaitable<Result<FoundFile>> StoredFiles::find(std::string session, std::string file, Caller caller,
                                                     FileEntity named)
{
    if (!is_file_id(session) || !is_file_id(file)) co_return no_file();
    Result<FoundFile> found = co_await store_.find_file(std::move(session), std::move(file));
    if (!found && found.error().code != Errc::not_found) co_return found;
    if (!found || !may_read(found->session, caller, named)) co_return no_file();
    co_return found;
}

asio::awaitable<Result<FoundFile>> StoredFiles::find_anywhere(std::string file, Caller caller)
{
    if (!is_file_id(file)) co_return no_file();
    Result<FoundFile> found = co_await store_.find_file_anywhere(std::move(file));
    if (!found && found.error().code != Errc::not_found) co_return found;
    if (!found || !may_remove(found->session, caller)) co_return no_file();
    co_return found;
}

asio::awaitable<Result<std::vector<std::optional<FoundFile>>>> StoredFiles::find_all(
    std::vector<std::pair<std::string, std::string>> wanted)
{
    return store_.find_files(std::move(wanted));
}

asio::awaitable<Result<FileSession>> StoredFiles::find_session(std::string session, Caller caller, FileEntity named)
{
    if (!is_file_id(session)) co_return no_session();
    Result<FileSession> found = co_await store_.find_file_session(std::move(session));
    if (!found && found.error().code != Errc::not_found) co_return found;
    if (!found || !may_read(*found, caller, named)) co_return no_session();
    co_return found;
}

asio::awaitable<Result<std::vector<FileSessionEntry>>> StoredFiles::sessions(Caller caller,
                                                                             std::chrono::milliseconds since)
{
    auto [tenant, subject] = owner_of(caller);
    return store_.list_file_sessions(std::move(tenant), std::move(subject), since);
}

asio::awaitable<Result<void>> StoredFiles::remove(std::string session, std::string file, Caller caller)
{
    const FileEntity nobody;
    const Result<FoundFile> found = co_await find(std::move(session), file, std::move(caller), nobody);
    if (!found) co_return found.error();
    const Result<void> removed = co_await store_.remove_file(file);
    if (!removed) co_return removed;
    std::vector<std::string> ids{std::move(file)};
    co_return co_await remove_contents(std::move(ids));
}

asio::awaitable<Result<void>> StoredFiles::remove_session(std::string session, Caller caller)
{
    const FileEntity nobody;
    const Result<FileSession> found = co_await find_session(session, std::move(caller), nobody);
    if (!found) co_return found.error();
    Result<std::vector<std::string>> files = co_await store_.remove_file_session(std::move(session));
    if (!files) co_return files.error();
    co_return co_await remove_contents(std::move(*files));
}

/// A run that reads one at the moment goes on.
asio::awaitable<Result<void>> StoredFiles::remove_contents(std::vector<std::string> ids)
{
    auto work = [this, ids = std::move(ids)]() -> Result<void> {
        for (const std::string& id : ids) {
            std::error_code ignored;
            fs::remove(place_of(id), ignored);
        }
        return {};
    };
    return run(std::move(work));
}

asio::awaitable<Result<void>> StoredFiles::tidy(std::chrono::milliseconds life)
{
    Result<std::vector<std::string>> old = co_await store_.prune_files(record_time() - life);
    if (!old) co_return old.error();
    const Result<void> removed = co_await remove_contents(std::move(*old));
    if (!removed) co_return removed;
    const Result<std::vector<std::string>> all = co_await store_.all_files();
    if (!all) co_return all.error();
    std::set<std::string> known(all->begin(), all->end());
    auto work = [this, known = std::move(known)] { return remove_unknown(directory_, known); };
    co_return co_await run(std::move(work));
}

}  // namespace sbx::daemon
