// The part of the store that knows of files.
#include "core/sandbox/sandbox_record.hpp"
#include "core/store/store.hpp"

namespace sbx {

asio::awaitable<Result<void>> Store::apply_to_files(FileSessionChange change)
{
    return worker_->run([change = std::move(change)](Database& database) { return FileIndex(database).apply(change); });
}

asio::awaitable<Result<FoundFile>> Store::find_file(std::string session, std::string file)
{
    return worker_->run([session = std::move(session), file = std::move(file)](Database& database) {
        return FileIndex(database).find(session, file, record_time());
    });
}

asio::awaitable<Result<FoundFile>> Store::find_file_anywhere(std::string file)
{
    return worker_->run([file = std::move(file)](Database& database) {
        return FileIndex(database).find_anywhere(file, record_time());
    });
}

asio::awaitable<Result<std::vector<std::optional<FoundFile>>>> Store::find_files(
    std::vector<std::pair<std::string, std::string>> wanted)
{
    return worker_->run([wanted = std::move(wanted)](Database& database) {
        return FileIndex(database).find_all(wanted, record_time());
    });
}

asio::awaitable<Result<FileSession>> Store::find_file_session(std::string session)
{
    return worker_->run(
        [session = std::move(session)](Database& database) { return FileIndex(database).find_session(session); });
}

asio::awaitable<Result<std::vector<IndexedFile>>> Store::list_files(std::string session)
{
    return worker_->run([session = std::move(session)](Database& database) {
        return FileIndex(database).list(session, record_time());
    });
}

asio::awaitable<Result<std::vector<FileSessionEntry>>> Store::list_file_sessions(std::string tenant,
                                                                                 std::string subject,
                                                                                 std::chrono::milliseconds since)
{
    return worker_->run([tenant = std::move(tenant), subject = std::move(subject), since](Database& database) {
        return FileIndex(database).list_sessions(tenant, subject, since);
    });
}

asio::awaitable<Result<void>> Store::remove_file(std::string file)
{
    return worker_->run([file = std::move(file)](Database& database) { return FileIndex(database).remove(file); });
}

asio::awaitable<Result<std::vector<std::string>>> Store::remove_file_session(std::string session)
{
    return worker_->run(
        [session = std::move(session)](Database& database) { return FileIndex(database).remove_session(session); });
}

asio::awaitable<Result<std::vector<std::string>>> Store::prune_files(std::chrono::milliseconds before)
{
    return worker_->run([before](Database& database) { return FileIndex(database).prune(before); });
}

asio::awaitable<Result<std::vector<std::string>>> Store::all_files()
{
    return worker_->run([](Database& database) { return FileIndex(database).all(); });
}

}  // namespace sbx
