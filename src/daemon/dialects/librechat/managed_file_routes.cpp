#include "daemon/dialects/librechat/librechat.hpp"
#include "daemon/dialects/librechat/upload.hpp"

#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

struct ManagedFile {
    std::string id;
    std::string session_id;
    std::string name;
    std::uint64_t size_bytes = 0;
    std::string mime_type;
    std::string created_at;
};
BOOST_DESCRIBE_STRUCT(ManagedFile, (), (id, session_id, name, size_bytes, mime_type, created_at))

struct ManagedFileMade {
    std::string session_id;
    std::string file_id;
    std::string filename;
    std::uint64_t size = 0;
    ManagedFile file;
};
BOOST_DESCRIBE_STRUCT(ManagedFileMade, (), (session_id, file_id, filename, size, file))

struct ListedManagedFile {
    std::string file_id;
    std::string filename;
    std::uint64_t size = 0;
    std::string created_at;
    std::string id;
    std::string name;
    std::uint64_t size_bytes = 0;
    std::string mime_type;
};
BOOST_DESCRIBE_STRUCT(ListedManagedFile, (), (file_id, filename, size, created_at, id, name, size_bytes, mime_type))

struct ManagedFileList {
    std::string session_id;
    std::vector<ListedManagedFile> files;
    std::size_t total = 0;
};
BOOST_DESCRIBE_STRUCT(ManagedFileList, (), (session_id, files, total))

struct ListManagedFiles {
    std::string session_id;
};
BOOST_DESCRIBE_STRUCT(ListManagedFiles, (), (session_id))

constexpr auto fields_of(const ListManagedFiles* /*type*/)
{
    return std::to_array<Field>({{.name = "session_id", .description = "Whose files", .required = true}});
}

struct ManagedFileId {
    std::string file_id;
};
BOOST_DESCRIBE_STRUCT(ManagedFileId, (), (file_id))

struct ManagedFileRemoved {
    bool success = true;
    std::string message = "File deleted";
    std::string file_id;
};
BOOST_DESCRIBE_STRUCT(ManagedFileRemoved, (), (success, message, file_id))

namespace librechat {
namespace {

ManagedFile managed(const IndexedFile& file)
{
    return {file.id, file.session, file.name, file.bytes, file.type, time_text(file.created)};
}

ListedManagedFile listed(const IndexedFile& file)
{
    const ManagedFile same = managed(file);
    return {same.id, same.name, same.size_bytes, same.created_at, same.id, same.name, same.size_bytes, same.mime_type};
}

/// Stored files for whoever looks after the daemon.
class ManagedFileRoutes {
   public:
    explicit ManagedFileRoutes(Interpreter& interpreter) : interpreter_(interpreter) {}

    asio::awaitable<Result<ManagedFileMade>> upload(Call& call, Nothing /*request*/) const
    {
        UploadRules rules;
        rules.most_files = 1;
        rules.takes_session = true;
        Result<Upload> upload = co_await receive_upload(call, interpreter_, rules);
        if (!upload) co_return upload.error();
        const IndexedFile& file = upload->files.front().file;
        co_return ManagedFileMade{file.session, file.id, file.name, file.bytes, managed(file)};
    }

    asio::awaitable<Result<ManagedFileList>> list(Call& call, ListManagedFiles request) const
    {
        const FileEntity nobody;
        std::string id = request.session_id;
        const auto session = co_await interpreter_.files().find_session(std::move(id), call.caller, nobody);
        if (!session) co_return session.error();
        const auto files = co_await interpreter_.files().list(session->id);
        if (!files) co_return files.error();
        ManagedFileList list;
        list.session_id = std::move(request.session_id);
        for (const IndexedFile& file : *files) list.files.push_back(listed(file));
        list.total = list.files.size();
        co_return list;
    }

    asio::awaitable<void> download(Call& call, ManagedFileId request) const
    {
        const auto found = co_await interpreter_.files().find_anywhere(std::move(request.file_id), call.caller);
        if (found) {
            co_await send_file(call, interpreter_.files(), found->file, errors_);
            co_return;
        }
        Response refused = errors_.answer(found.error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(refused));
    }

    asio::awaitable<Result<ManagedFileRemoved>> remove(Call& call, ManagedFileId request) const
    {
        ManagedFileRemoved removed;
        removed.file_id = request.file_id;
        const auto found = co_await interpreter_.files().find_anywhere(std::move(request.file_id), call.caller);
        if (!found) co_return found.error();
        const Result<void> done =
            co_await interpreter_.files().remove(found->file.session, found->file.id, call.caller);
        if (!done) co_return done.error();
        co_return removed;
    }

   private:
    Interpreter& interpreter_;
    Errors errors_{true};
};

}  // namespace

void add_managed_file_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<ManagedFileRoutes>(services.interpreter);
    const std::string all = "/v1/librechat/files";
    const std::string one = all + "/{file_id}";
    const std::vector<Errc> errors{Errc::not_found, Errc::unavailable};
    Route& upload = routes.add<Nothing, ManagedFileMade>(
        http::verb::post, all,
        {.summary = "Upload a file",
         .tag = name,
         .errors = {Errc::too_large, Errc::unavailable},
         .consumes = "multipart/form-data"},
        [subject](Call& call, Nothing request) { return subject->upload(call, request); });
    refuse_when_storage_full(upload, services.store);
    routes.add<ListManagedFiles, ManagedFileList>(
        http::verb::get, all, {.summary = "List a session's files", .tag = name, .errors = errors},
        [subject](Call& call, ListManagedFiles request) { return subject->list(call, std::move(request)); });
    routes.add_raw<ManagedFileId>(
        http::verb::get, one,
        {.summary = "Download a file",
         .tag = name,
         .errors = errors,
         .produces = "application/octet-stream",
         .others = {{206, "The part that Range asks for"}}},
        [subject](Call& call, ManagedFileId request) { return subject->download(call, std::move(request)); });
    routes.add<ManagedFileId, ManagedFileRemoved>(
        http::verb::delete_, one, {.summary = "Remove a file", .tag = name, .errors = errors},
        [subject](Call& call, ManagedFileId request) { return subject->remove(call, std::move(request)); });
}

}  // namespace librechat
}  // namespace sbx::daemon
