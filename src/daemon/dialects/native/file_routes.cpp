#include "core/sandbox/file_access.hpp"
#include "daemon/api/byte_range.hpp"
#include "daemon/api/conditional.hpp"
#include "daemon/dialects/native/file_requests.hpp"
#include "daemon/dialects/native/native.hpp"
#include "daemon/dialects/native/times.hpp"
#include "daemon/executions/body_io.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace sbx::daemon::native {
namespace {

constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 30;

EntryView view_of(const wire::Entry& entry)
{
    constexpr std::array types{"file", "directory", "symlink", "other"};
    EntryView view;
    view.path = entry.path;
    view.type = types.at(static_cast<std::size_t>(entry.type));
    view.size_bytes = entry.size_bytes;
    view.modified = time_text(std::chrono::milliseconds(entry.mtime_ns / 1'000'000));
    view.mode = fmt::format("{:04o}", entry.mode);
    return view;
}

/// As web servers make it: whoever writes a file as long as before and sets its time back deceives himself.
std::string tag_of(std::int64_t mtime_ns, std::uint64_t size_bytes)
{
    return fmt::format("\"{:x}-{:x}\"", mtime_ns, size_bytes);
}

std::string tag_of(const wire::Entry& entry)
{
    return tag_of(entry.mtime_ns, entry.size_bytes);
}

/// Files of sandboxes over HTTP.
class FileRoutes {
   public:
    explicit FileRoutes(Services& services) : services_(services) {}

    asio::awaitable<void> read(Call& call, PathRequest request) const;
    asio::awaitable<void> write(Call& call, PathRequest request) const;
    asio::awaitable<void> pack(Call& call, PathRequest request) const;
    asio::awaitable<void> unpack(Call& call, PathRequest request) const;
    asio::awaitable<Result<EntryView>> stat(Call& call, PathRequest request) const;
    /// Of the file that a request names.
    asio::awaitable<Result<std::optional<std::string>>> current_tag(Call& call, std::string id) const;
    asio::awaitable<Result<EntryList>> list(Call& call, ListFiles request) const;
    asio::awaitable<Result<Nothing>> make_directory(Call& call, PathRequest request) const;
    asio::awaitable<Result<Nothing>> remove(Call& call, RemoveRequest request) const;
    asio::awaitable<Result<Nothing>> move(Call& call, MoveRequest request) const;

   private:
    using Operation = std::function<wire::StreamId(wire::Owner&)>;
    asio::awaitable<void> refuse(Call& call, Error error) const;
    asio::awaitable<void> send(Call& call, std::string id, Operation operation, Response head) const;
    asio::awaitable<std::optional<wire::Reply>> receive(Call& call, std::string id, Operation operation) const;
    asio::awaitable<Result<wire::Entry>> stat_at(Call& call, std::string id, std::string path) const;
    asio::awaitable<Result<Nothing>> simple(Call& call, std::string id, Operation operation) const;

    Services& services_;
    NativeErrors errors_;
};

asio::awaitable<void> FileRoutes::refuse(Call& call, Error error) const
{
    Response refused = errors_.answer(error, call.exchange.head().id);
    co_await call.exchange.respond(std::move(refused));
}

/// What the request's query calls `path`: it comes once.
std::string path_of(const Call& call)
{
    return std::string(call.exchange.head().target.value("path").value_or(""));
}

std::string inside(const std::string& path)
{
    return path.starts_with('/') ? path : "/work/" + path;
}

asio::awaitable<Result<wire::Entry>> FileRoutes::stat_at(Call& call, std::string id, std::string path) const
{
    const auto living = services_.sandboxes.find(id, call.caller);
    if (!living) co_return living.error();
    std::function<asio::awaitable<Result<wire::Entry>>(AgentLink&)> work = [&](AgentLink& link) {
        return stat_inside(link, inside(path));
    };
    co_return co_await Sandboxes::talk<wire::Entry>(*living, std::move(work));
}

asio::awaitable<Result<std::optional<std::string>>> FileRoutes::current_tag(Call& call, std::string id) const
{
    std::string path = path_of(call);
    const Result<wire::Entry> entry = co_await stat_at(call, std::move(id), std::move(path));
    if (entry) co_return std::optional(tag_of(*entry));
    if (entry.error().code != Errc::not_found) co_return entry.error();
    co_return std::optional<std::string>();
}

asio::awaitable<Result<EntryView>> FileRoutes::stat(Call& call, PathRequest request) const
{
    const Result<wire::Entry> entry = co_await stat_at(call, request.id, request.path);
    if (!entry) co_return entry.error();
    EntryView view = view_of(*entry);
    view.path = inside(request.path);
    call.headers.emplace_back("ETag", tag_of(*entry));
    co_return view;
}

asio::awaitable<Result<EntryList>> FileRoutes::list(Call& call, ListFiles request) const
{
    const auto living = services_.sandboxes.find(request.id, call.caller);
    if (!living) co_return living.error();
    std::function<asio::awaitable<Result<Listing>>(AgentLink&)> work = [&](AgentLink& link) {
        return list_inside(link, inside(request.path), request.depth);
    };
    const Result<Listing> found = co_await Sandboxes::talk<Listing>(*living, std::move(work));
    if (!found) co_return found.error();
    EntryList list;
    for (const wire::Entry& entry : found->entries) list.entries.push_back(view_of(entry));
    list.truncated = found->truncated;
    co_return list;
}

asio::awaitable<Result<Nothing>> FileRoutes::simple(Call& call, std::string id, Operation operation) const
{
    const auto living = services_.sandboxes.find(id, call.caller);
    if (!living) co_return living.error();
    std::function<asio::awaitable<Result<wire::Reply>>(AgentLink&)> work = [&](AgentLink& link) {
        return succeed(link, operation(link.owner()));
    };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(*living, std::move(work));
    if (!reply) co_return reply.error();
    co_return Nothing();
}

asio::awaitable<Result<Nothing>> FileRoutes::make_directory(Call& call, PathRequest request) const
{
    wire::Mkdir mkdir;
    mkdir.path = inside(request.path);
    Operation operation = [mkdir](wire::Owner& owner) { return owner.mkdir(mkdir); };
    co_return co_await simple(call, std::move(request.id), std::move(operation));
}

asio::awaitable<Result<Nothing>> FileRoutes::remove(Call& call, RemoveRequest request) const
{
    wire::Remove remove;
    remove.path = inside(request.path);
    remove.recursive = request.recursive;
    Operation operation = [remove](wire::Owner& owner) { return owner.remove(remove); };
    co_return co_await simple(call, std::move(request.id), std::move(operation));
}

asio::awaitable<Result<Nothing>> FileRoutes::move(Call& call, MoveRequest request) const
{
    wire::Move move;
    move.from = inside(request.from);
    move.to = inside(request.to);
    Operation operation = [move](wire::Owner& owner) { return owner.move(move); };
    co_return co_await simple(call, std::move(request.id), std::move(operation));
}

/// Answers with the data of an operation.
asio::awaitable<void> FileRoutes::send(Call& call, std::string id, Operation operation, Response head) const
{
    const auto living = services_.sandboxes.find(id, call.caller);
    if (!living) {
        co_await refuse(call, living.error());
        co_return;
    }
    head.headers.emplace_back("Content-Disposition", "attachment; filename=\"download\"");
    BodyIo io(call.exchange, std::move(head));
    std::function<asio::awaitable<Result<wire::Reply>>(AgentLink&)> work = [&](AgentLink& link) {
        return receive_data(link, operation(link.owner()), io);
    };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(*living, std::move(work));
    if (!reply && !io.begun) {
        co_await refuse(call, reply.error());
        co_return;
    }
    const Result<void> begun = co_await io.begin();
    if (reply && begun) (void)co_await call.exchange.finish();
}

asio::awaitable<void> FileRoutes::read(Call& call, PathRequest request) const
{
    const Result<wire::Entry> entry = co_await stat_at(call, request.id, request.path);
    std::optional<Error> failure;
    if (!entry)
        failure = entry.error();
    else if (entry->type == wire::EntryType::directory)
        failure = Error(Errc::invalid_argument, "it is a directory", "GET …/archive takes a whole one");
    if (failure) {
        co_await refuse(call, *failure);
        co_return;
    }
    const std::string tag = tag_of(*entry);
    const RequestHead& asked = call.exchange.head();
    if (auto refusal = refusal_by_preconditions(asked, tag, errors_)) {
        co_await call.exchange.respond(std::move(*refusal));
        co_return;
    }
    wire::Read read;
    read.path = inside(request.path);
    Response head(200, "", "application/octet-stream");
    head.headers.emplace_back("Accept-Ranges", "bytes");
    add_tag(head, tag);
    std::optional<ByteRange> range;
    if (if_range_holds(asked.fields, tag))
        range = parse_byte_range(asked.fields[http::field::range], entry->size_bytes);
    if (range && range->length == 0) {
        Response refused =
            errors_.answer(Error(Errc::invalid_argument, "the range is beyond the file's end"), asked.id);
        refused.status = 416;
        refused.headers.emplace_back("Content-Range", fmt::format("bytes */{}", entry->size_bytes));
        co_await call.exchange.respond(std::move(refused));
        co_return;
    }
    if (range) {
        head.status = 206;
        head.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range->offset,
                                                               range->offset + range->length - 1, entry->size_bytes));
        read.offset = range->offset;
        read.max_bytes = range->length;
    }
    Operation operation = [read](wire::Owner& owner) { return owner.read(read); };
    co_await send(call, std::move(request.id), std::move(operation), std::move(head));
}

asio::awaitable<void> FileRoutes::pack(Call& call, PathRequest request) const
{
    const Result<wire::Entry> entry = co_await stat_at(call, request.id, request.path);
    if (!entry) {
        co_await refuse(call, entry.error());
        co_return;
    }
    wire::TarOut tar;
    tar.directory = inside(request.path);
    Operation operation = [tar](wire::Owner& owner) { return owner.tar_out(tar); };
    Response head(200, "", "application/x-tar");
    co_await send(call, std::move(request.id), std::move(operation), std::move(head));
}

/// Hands the body to an operation.
/// @return what it came to; else nothing, and that was answered
asio::awaitable<std::optional<wire::Reply>> FileRoutes::receive(Call& call, std::string id, Operation operation) const
{
    const auto living = services_.sandboxes.find(id, call.caller);
    if (!living) {
        co_await refuse(call, living.error());
        co_return std::nullopt;
    }
    BodyIo io(call.exchange);
    std::function<asio::awaitable<Result<wire::Reply>>(AgentLink&)> work = [&](AgentLink& link) {
        return send_data(link, operation(link.owner()), io);
    };
    const Result<wire::Reply> reply = co_await Sandboxes::talk<wire::Reply>(*living, std::move(work));
    if (!io.failure && reply) co_return *reply;
    const Error failure = io.failure ? *io.failure : reply.error();
    co_await refuse(call, failure);
    co_return std::nullopt;
}

asio::awaitable<void> FileRoutes::write(Call& call, PathRequest request) const
{
    wire::Write write;
    write.path = inside(request.path);
    write.max_bytes = most_file_bytes;
    Operation operation = [write](wire::Owner& owner) { return owner.write(write); };
    const std::optional<wire::Reply> written = co_await receive(call, std::move(request.id), std::move(operation));
    if (!written) co_return;
    Response done(204, "", "");
    // As it was written, whoever may have changed it since. An agent of an older sbx does not tell.
    if (written->mtime_ns != 0) add_tag(done, tag_of(written->mtime_ns, written->bytes));
    co_await call.exchange.respond(std::move(done));
}

asio::awaitable<void> FileRoutes::unpack(Call& call, PathRequest request) const
{
    wire::TarIn tar;
    tar.directory = inside(request.path);
    Operation operation = [tar](wire::Owner& owner) { return owner.tar_in(tar); };
    const std::optional<wire::Reply> unpacked = co_await receive(call, std::move(request.id), std::move(operation));
    if (!unpacked) co_return;
    Response done(204, "", "");
    co_await call.exchange.respond(std::move(done));
}

}  // namespace

void add_file_routes(Routes& routes, Services& services)
{
    const auto files = std::make_shared<FileRoutes>(services);
    const std::vector<Errc> errors{Errc::not_found, Errc::conflict, Errc::permission_denied, Errc::too_large};
    const std::string base = "/v1/sandboxes/{id}";
    Conditions conditions;
    conditions.tag = [files](Call& call, const nlohmann::json& parameters) {
        return files->current_tag(call, parameters.at("id").get<std::string>());
    };
    conditions.name = [](const Call& call, const nlohmann::json& parameters) {
        const std::filesystem::path path = inside(path_of(call));
        return fmt::format("{} {}", parameters.at("id").dump(), path.lexically_normal().native());
    };
    Route& read = routes.add_raw<PathRequest>(
        http::verb::get, base + "/files",
        {.summary = "Read a file",
         .tag = "files",
         .description = "`Range: bytes=A-B` takes a part.",
         .errors = errors,
         .produces = "application/octet-stream"},
        [files](Call& call, PathRequest request) { return files->read(call, std::move(request)); });
    document_preconditions(read);
    Route& write = routes.add_raw<PathRequest>(
        http::verb::put, base + "/files",
        {.summary = "Write a file: the body is its content",
         .tag = "files",
         .errors = errors,
         .status = 204,
         .produces = "",
         .consumes = "application/octet-stream"},
        [files](Call& call, PathRequest request) { return files->write(call, std::move(request)); });
    make_conditional(write, conditions);
    Route& remove = routes.add<RemoveRequest, Nothing>(
        http::verb::delete_, base + "/files",
        {.summary = "Remove a file or a directory", .tag = "files", .errors = errors, .status = 204, .produces = ""},
        [files](Call& call, RemoveRequest request) { return files->remove(call, std::move(request)); });
    make_conditional(remove, conditions);
    routes.add<PathRequest, EntryView>(
        http::verb::get, base + "/files/stat", {.summary = "What stands at a path", .tag = "files", .errors = errors},
        [files](Call& call, PathRequest request) { return files->stat(call, std::move(request)); });
    routes.add<ListFiles, EntryList>(
        http::verb::get, base + "/files/list", {.summary = "List a directory", .tag = "files", .errors = errors},
        [files](Call& call, ListFiles request) { return files->list(call, std::move(request)); });
    routes.add<PathRequest, Nothing>(
        http::verb::post, base + "/files/mkdir",
        {.summary = "Make a directory, and those above it",
         .tag = "files",
         .errors = errors,
         .status = 204,
         .produces = ""},
        [files](Call& call, PathRequest request) { return files->make_directory(call, std::move(request)); });
    routes.add<MoveRequest, Nothing>(
        http::verb::post, base + "/files/move",
        {.summary = "Move or rename", .tag = "files", .errors = errors, .status = 204, .produces = ""},
        [files](Call& call, MoveRequest request) { return files->move(call, std::move(request)); });
    routes.add_raw<PathRequest>(
        http::verb::get, base + "/archive",
        {.summary = "Take a directory as a tar archive",
         .tag = "files",
         .errors = errors,
         .produces = "application/x-tar"},
        [files](Call& call, PathRequest request) { return files->pack(call, std::move(request)); });
    routes.add_raw<PathRequest>(
        http::verb::put, base + "/archive",
        {.summary = "Unpack a tar archive into a directory",
         .tag = "files",
         .errors = errors,
         .status = 204,
         .produces = "",
         .consumes = "application/x-tar"},
        [files](Call& call, PathRequest request) { return files->unpack(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
