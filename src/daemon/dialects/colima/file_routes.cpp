#include "core/sandbox/file_access.hpp"
#include "core/wire/base64.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/colima/colima.hpp"
#include "daemon/dialects/colima/request_types.hpp"
#include "daemon/executions/body_io.hpp"
#include "daemon/executions/task_io.hpp"
#include "sbx/utf8.hpp"

#include <fmt/chrono.h>

#include <array>
#include <filesystem>

namespace sbx::daemon::colima {
using nlohmann::ordered_json;

// Types that requests and answers are made of: they have names for templates of other files.

struct WriteColimaFile {
    std::string sandbox_id;
    PathInSandbox path;
    std::string data;
    Encoding encoding;
};
BOOST_DESCRIBE_STRUCT(WriteColimaFile, (), (sandbox_id, path, data, encoding))

constexpr auto fields_of(const WriteColimaFile* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path",
         .description = "Absolute, or below /home/user; directories above it are made",
         .required = true,
         .example = R"("/home/user/script.py")"},
        {.name = "data", .description = "The whole content", .required = true, .example = R"j("print('Hello')")j"},
        {.name = "encoding", .description = "utf-8, or base64 for any bytes"},
    });
}

enum class ReadForm { text, bytes };
BOOST_DESCRIBE_ENUM(ReadForm, text, bytes)

struct ReadColimaFile {
    std::string sandbox_id;
    PathInSandbox path;
    ReadForm format = ReadForm::text;
};
BOOST_DESCRIBE_STRUCT(ReadColimaFile, (), (sandbox_id, path, format))

constexpr auto fields_of(const ReadColimaFile* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "Absolute, or below /home/user", .required = true},
        {.name = "format", .description = "text, or bytes for the content alone"},
    });
}

struct ListColimaFiles {
    std::string sandbox_id;
    PathInSandbox path{home};
    std::uint32_t depth = 1;
};
BOOST_DESCRIBE_STRUCT(ListColimaFiles, (), (sandbox_id, path, depth))

constexpr auto fields_of(const ListColimaFiles* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "A directory (/home/user)"},
        {.name = "depth", .description = "1 for what is in it", .minimum = 1, .maximum = 32},
    });
}

struct ColimaPath {
    std::string sandbox_id;
    PathInSandbox path;
};
BOOST_DESCRIBE_STRUCT(ColimaPath, (), (sandbox_id, path))

constexpr auto fields_of(const ColimaPath* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "Absolute, or below /home/user", .required = true},
    });
}

struct ColimaFileWritten {
    bool success = true;
    std::string path;
    std::string name;
    std::string type = "file";
    std::uint64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(ColimaFileWritten, (), (success, path, name, type, size))

struct ColimaEntry {
    std::string name;
    std::string path;
    std::string type;  ///< file, dir, symlink, other
    std::uint64_t size = 0;
    std::string modified_at;
};
BOOST_DESCRIBE_STRUCT(ColimaEntry, (), (name, path, type, size, modified_at))

struct ColimaFileExists {
    std::string path;
    bool exists = false;
};
BOOST_DESCRIBE_STRUCT(ColimaFileExists, (), (path, exists))

struct ColimaFileRemoved {
    bool success = true;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(ColimaFileRemoved, (), (success, path))

namespace {

constexpr std::size_t most_body_bytes = std::size_t{64} << 20;  // of a write
constexpr std::size_t most_read_bytes = std::size_t{16} << 20;  // into JSON

/// What a file holds, as far as an answer of JSON may.
class WholeFile : public OutputReader {
   public:
    asio::awaitable<Result<void>> on_output(OutputStream /*stream*/, std::span<const char> bytes) override
    {
        content.append(bytes.data(), bytes.size());
        co_return Result<void>();
    }

    std::string content;
};

/// What the agent says of a path, in the dialect's words.
Error told(const Error& error, const std::string& path)
{
    switch (error.code) {
        case Errc::not_found:
            return Error(Errc::not_found, "File not found: " + path);
        case Errc::permission_denied:
            return Error(Errc::permission_denied, "Permission denied: " + path);
        case Errc::resource_exhausted:
            return Error(Errc::unavailable, "No space left in the sandbox");
        case Errc::conflict:
            return Error(Errc::invalid_argument, error.message);
        default:
            return error;
    }
}

ColimaEntry entry_of(const wire::Entry& entry, const std::string& directory)
{
    constexpr std::array types{"file", "dir", "symlink", "other"};
    const std::filesystem::path path = std::filesystem::path(directory) / entry.path;
    ColimaEntry view;
    view.name = path.filename().native();
    view.path = path.native();
    view.type = types.at(static_cast<std::size_t>(entry.type));
    view.size = entry.size_bytes;
    view.modified_at = time_text(std::chrono::milliseconds(entry.mtime_ns / 1'000'000));
    return view;
}

/// Files of sandboxes over HTTP.
class FileRoutes {
   public:
    explicit FileRoutes(const Services& services) : services_(services) {}

    asio::awaitable<Result<ColimaFileWritten>> write(Call& call, WriteColimaFile request) const;
    asio::awaitable<void> read(Call& call, ReadColimaFile request) const;
    asio::awaitable<Result<std::vector<ColimaEntry>>> list(Call& call, ListColimaFiles request) const;
    asio::awaitable<Result<ColimaFileExists>> exists(Call& call, ColimaPath request) const;
    asio::awaitable<Result<ColimaFileRemoved>> remove(Call& call, ColimaPath request) const;

   private:
    template <class T>
    using Work = std::function<asio::awaitable<Result<T>>(AgentLink&)>;

    asio::awaitable<Result<wire::Entry>> stat(std::shared_ptr<Living> living, const std::string& path) const;
    asio::awaitable<std::optional<Error>> send_bytes(Call& call, std::shared_ptr<Living> living,
                                                     const std::string& path) const;
    asio::awaitable<std::optional<Error>> try_read(Call& call, const ReadColimaFile& request) const;

    Services services_;
    ColimaErrors errors_;
};

/// @error as `told`
asio::awaitable<Result<wire::Entry>> FileRoutes::stat(std::shared_ptr<Living> living, const std::string& path) const
{
    Work<wire::Entry> work = [&path](AgentLink& link) { return stat_inside(link, path); };
    const Result<wire::Entry> entry = co_await Sandboxes::talk<wire::Entry>(std::move(living), std::move(work));
    if (!entry) co_return told(entry.error(), path);
    co_return entry;
}

/// Makes what is above a file, and then the file.
asio::awaitable<Result<wire::Reply>> write_file(AgentLink& link, const std::string& path, ProgramIo& io)
{
    wire::Mkdir above;
    above.path = std::filesystem::path(path).parent_path().native();
    const Result<wire::Reply> made = co_await succeed(link, link.owner().mkdir(above));
    if (!made && made.error().code != Errc::conflict) co_return made.error();
    wire::Write write;
    write.path = path;
    co_return co_await send_data(link, link.owner().write(write), io);
}

asio::awaitable<Result<ColimaFileWritten>> FileRoutes::write(Call& call, WriteColimaFile request) const
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const std::string& path = request.path.text;
    std::string bytes = std::move(request.data);
    if (request.encoding.is_base64) {
        std::string decoded;
        if (!wire::from_base64(bytes, decoded)) co_return Error(Errc::invalid_argument, "data: it is not valid base64");
        bytes = std::move(decoded);
    }
    ColimaFileWritten written;
    written.size = bytes.size();
    TaskIo io(std::move(bytes), nullptr);
    Work<wire::Reply> work = [&](AgentLink& link) { return write_file(link, path, io); };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(*living, std::move(work));
    if (!reply) co_return told(reply.error(), path);
    written.path = path;
    written.name = std::filesystem::path(path).filename().native();
    co_return written;
}

/// @error as `told`
asio::awaitable<Result<ordered_json>> read_text(std::shared_ptr<Living> living, const std::string& path)
{
    WholeFile file;
    TaskIo io("", &file);
    wire::Read read;
    read.path = path;
    read.max_bytes = most_read_bytes;
    std::function<asio::awaitable<Result<wire::Reply>>(AgentLink&)> work = [&](AgentLink& link) {
        return receive_data(link, link.owner().read(read), io);
    };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(std::move(living), std::move(work));
    if (!reply) co_return told(reply.error(), path);
    const bool is_text = is_utf8(file.content);
    ordered_json content{{"path", path}, {"data", is_text ? file.content : wire::to_base64(file.content)}};
    if (!is_text) content["encoding"] = "base64";
    content["size"] = file.content.size();
    co_return content;
}

/// @return why nothing was sent
asio::awaitable<std::optional<Error>> FileRoutes::send_bytes(Call& call, std::shared_ptr<Living> living,
                                                             const std::string& path) const
{
    BodyIo io(call.exchange, Response(200, "", "application/octet-stream"));
    wire::Read read;
    read.path = path;
    Work<wire::Reply> work = [&](AgentLink& link) { return receive_data(link, link.owner().read(read), io); };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(std::move(living), std::move(work));
    std::optional<Error> failure;
    if (!reply && !io.begun) {
        failure = told(reply.error(), path);
        co_return failure;
    }
    const Result<void> begun = co_await io.begin();
    if (reply && begun) (void)co_await call.exchange.finish();
    co_return failure;
}

/// @return why nothing was sent
asio::awaitable<std::optional<Error>> FileRoutes::try_read(Call& call, const ReadColimaFile& request) const
{
    const std::string& path = request.path.text;
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const Result<wire::Entry> entry = co_await stat(*living, path);
    if (!entry) co_return entry.error();
    if (entry->type == wire::EntryType::directory) co_return Error(Errc::invalid_argument, "Not a file: " + path);
    if (request.format == ReadForm::bytes) co_return co_await send_bytes(call, *living, path);
    if (entry->size_bytes > most_read_bytes) co_return Error(Errc::too_large, "the file is larger than 16 MiB");
    const Result<ordered_json> content = co_await read_text(*living, path);
    if (!content) co_return content.error();
    Response response(200, dump(*content));
    co_await call.exchange.respond(std::move(response));
    co_return std::nullopt;
}

asio::awaitable<void> FileRoutes::read(Call& call, ReadColimaFile request) const
{
    const std::optional<Error> failure = co_await try_read(call, request);
    if (!failure) co_return;
    Response refused = errors_.answer(*failure, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

asio::awaitable<Result<std::vector<ColimaEntry>>> FileRoutes::list(Call& call, ListColimaFiles request) const
{
    const std::string& path = request.path.text;
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    Work<Listing> work = [&](AgentLink& link) { return list_inside(link, path, request.depth); };
    const Result<Listing> found = co_await Sandboxes::talk<Listing>(*living, std::move(work));
    if (!found) co_return told(found.error(), path);
    std::vector<ColimaEntry> all;
    for (const wire::Entry& entry : found->entries) all.push_back(entry_of(entry, path));
    co_return all;
}

asio::awaitable<Result<ColimaFileExists>> FileRoutes::exists(Call& call, ColimaPath request) const
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    const Result<wire::Entry> entry = co_await stat(*living, request.path.text);
    if (!entry && entry.error().code != Errc::not_found) co_return entry.error();
    ColimaFileExists answer;
    answer.path = std::move(request.path.text);
    answer.exists = entry.has_value();
    co_return answer;
}

asio::awaitable<Result<ColimaFileRemoved>> FileRoutes::remove(Call& call, ColimaPath request) const
{
    const auto living = find_running(services_, request.sandbox_id, call.caller);
    if (!living) co_return living.error();
    wire::Remove remove;
    remove.path = request.path.text;
    remove.recursive = true;
    Work<wire::Reply> work = [&](AgentLink& link) { return succeed(link, link.owner().remove(remove)); };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(*living, std::move(work));
    if (!reply) co_return told(reply.error(), request.path.text);
    ColimaFileRemoved removed;
    removed.path = std::move(request.path.text);
    co_return removed;
}

}  // namespace

void add_file_routes(Routes& routes, const Services& services)
{
    const auto files = std::make_shared<FileRoutes>(services);
    const std::vector<Errc> errors{Errc::not_found, Errc::conflict, Errc::permission_denied, Errc::too_large};
    const std::string base = "/sandboxes/{sandbox_id}/files/";
    Route& write = routes.add<WriteColimaFile, ColimaFileWritten>(
        http::verb::post, base + "write", {.summary = "Write a file", .tag = "files", .errors = errors},
        [files](Call& call, WriteColimaFile request) { return files->write(call, std::move(request)); });
    write.most_body_bytes = most_body_bytes;
    routes.add_raw<ReadColimaFile>(
        http::verb::get, base + "read", {.summary = "Read a file", .tag = "files", .errors = errors},
        [files](Call& call, ReadColimaFile request) { return files->read(call, std::move(request)); });
    routes.add<ListColimaFiles, std::vector<ColimaEntry>>(
        http::verb::get, base + "list", {.summary = "List a directory", .tag = "files", .errors = errors},
        [files](Call& call, ListColimaFiles request) { return files->list(call, std::move(request)); });
    routes.add<ColimaPath, ColimaFileExists>(
        http::verb::get, base + "exists",
        {.summary = "Say whether something is there", .tag = "files", .errors = errors},
        [files](Call& call, ColimaPath request) { return files->exists(call, std::move(request)); });
    routes.add<ColimaPath, ColimaFileRemoved>(
        http::verb::delete_, base,
        {.summary = "Remove a file, or a directory and all that is below it", .tag = "files", .errors = errors},
        [files](Call& call, ColimaPath request) { return files->remove(call, std::move(request)); });
}

}  // namespace sbx::daemon::colima
