#include "daemon/api/byte_range.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/dialects/librechat/librechat.hpp"
#include "daemon/interpreter/file_names.hpp"
#include "daemon/interpreter/stored_content.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

enum class FileDetail { simple, summary, full, normalized };
BOOST_DESCRIBE_ENUM(FileDetail, simple, summary, full, normalized)

struct ListStoredFiles {
    std::string session_id;
    FileDetail detail = FileDetail::simple;
    std::string kind;
    std::string id;
    std::string version;
};
BOOST_DESCRIBE_STRUCT(ListStoredFiles, (), (session_id, detail, kind, id, version))

constexpr auto fields_of(const ListStoredFiles* /*type*/)
{
    return std::to_array<Field>({{.name = "detail", .description = "simple: names alone"},
                                 {.name = "kind", .description = "Whom the files are for: user, agent or skill"},
                                 {.name = "id", .description = "Which of them"},
                                 {.name = "version", .description = "Of a skill"}});
}

struct OneStoredFile {
    std::string session_id;
    std::string file_id;
    std::string kind;
    std::string id;
    std::string version;
};
BOOST_DESCRIBE_STRUCT(OneStoredFile, (), (session_id, file_id, kind, id, version))

constexpr auto fields_of(const OneStoredFile* /*type*/)
{
    return std::to_array<Field>({{.name = "kind", .description = "Whom the file is for: user, agent or skill"},
                                 {.name = "id", .description = "Which of them"},
                                 {.name = "version", .description = "Of a skill"}});
}

struct StoredObject {
    std::string name;
    std::string originalFilename;
    std::uint64_t size = 0;
    std::string lastModified;
    std::string etag;
    std::string contentType;
    bool readOnly = false;
};
BOOST_DESCRIBE_STRUCT(StoredObject, (), (name, originalFilename, size, lastModified, etag, contentType, readOnly))

struct StoredFileRemoved {
    std::string message = "File deleted successfully";
    std::string session_id;
    std::string fileId;
};
BOOST_DESCRIBE_STRUCT(StoredFileRemoved, (), (message, session_id, fileId))

/// What a listing says, in as much detail as it was asked for.
struct FileListing {
    FileDetail detail = FileDetail::simple;
    FileSession session;
    std::vector<IndexedFile> files;
};

template <>
struct JsonForm<FileListing> {
    static constexpr const char* name = "FileListing";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(
            R"({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}})");
    }
    static nlohmann::ordered_json write(const FileListing& listing);
};

namespace librechat {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

/// `SESSION/FILE.csv`
std::string object_name(const std::string& session, const IndexedFile& file)
{
    return fmt::format("{}/{}{}", session, file.id, extension_of(file.name));
}

ordered_json listed(const FileListing& listing, const IndexedFile& file)
{
    const std::string& session = listing.session.id;
    ordered_json json;
    json["name"] = listing.detail == FileDetail::normalized ? file.name : object_name(session, file);
    json["id"] = file.id;
    json["fileId"] = file.id;
    json["session_id"] = session;
    json["storage_session_id"] = session;
    json["size"] = file.bytes;
    json["lastModified"] = time_text(file.created);
    json["etag"] = file.digest;
    json["contentType"] = file.type;
    json["metadata"] = {{"content-type", file.type}, {"original-filename", file.name}};
    if (!listing.session.entity_kind.empty()) json["kind"] = listing.session.entity_kind;
    if (!listing.session.entity_id.empty()) json["resource_id"] = listing.session.entity_id;
    if (!listing.session.entity_version.empty()) json["version"] = listing.session.entity_version;
    return json;
}

std::string percent_encoded(std::string_view text)
{
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
        encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return encoded;
}

/// @source RFC 6266, section 4.3
std::string disposition(std::string_view file_name)
{
    const std::string_view base = file_name.substr(file_name.rfind('/') + 1);
    std::string plain;
    for (const char c : base) {
        const auto byte = static_cast<unsigned char>(c);
        const bool goes_on = (byte & 0xC0U) == 0x80U;  // a character that has its `_` already
        const bool is_plain = byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == ' ');
        if (!goes_on) plain += is_plain ? c : '_';
    }
    return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, percent_encoded(base));
}

FileEntity entity_of(const auto& request)
{
    return {request.kind, request.id, request.version};
}

/// Stored files over HTTP.
class StoredFileRoutes {
   public:
    explicit StoredFileRoutes(StoredFiles& files) : files_(files) {}

    asio::awaitable<Result<FileListing>> list(Call& call, ListStoredFiles request) const
    {
        FileListing listing;
        listing.detail = request.detail;
        FileEntity named = entity_of(request);
        auto session = co_await files_.find_session(std::move(request.session_id), call.caller, std::move(named));
        if (!session) co_return session.error();
        auto files = co_await files_.list(session->id);
        if (!files) co_return files.error();
        listing.session = std::move(*session);
        listing.files = std::move(*files);
        co_return listing;
    }

    asio::awaitable<Result<StoredObject>> show(Call& call, OneStoredFile request) const
    {
        std::string session = request.session_id;
        const Result<FoundFile> found = co_await find(call, std::move(request));
        if (!found) co_return found.error();
        StoredObject object;
        object.name = object_name(session, found->file);
        object.originalFilename = found->file.name;
        object.size = found->file.bytes;
        object.lastModified = time_text(found->file.created);
        object.etag = found->file.digest;
        object.contentType = found->file.type;
        object.readOnly = found->file.read_only;
        co_return object;
    }

    asio::awaitable<void> download(Call& call, OneStoredFile request) const
    {
        const Result<FoundFile> found = co_await find(call, std::move(request));
        if (found) {
            co_await send_file(call, files_, found->file, errors_);
            co_return;
        }
        Response refused = errors_.answer(found.error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(refused));
    }

    asio::awaitable<Result<StoredFileRemoved>> remove(Call& call, OneStoredFile request) const
    {
        StoredFileRemoved removed;
        removed.session_id = request.session_id;
        removed.fileId = request.file_id;
        const Result<void> done =
            co_await files_.remove(std::move(request.session_id), std::move(request.file_id), call.caller);
        if (!done) co_return done.error();
        co_return removed;
    }

   private:
    asio::awaitable<Result<FoundFile>> find(Call& call, OneStoredFile request) const
    {
        FileEntity named = entity_of(request);
        return files_.find(std::move(request.session_id), std::move(request.file_id), call.caller, std::move(named));
    }

    StoredFiles& files_;
    Errors errors_;
};

}  // namespace

asio::awaitable<void> send_file(Call& call, StoredFiles& files, const IndexedFile& file, const Errors& errors)
{
    auto opening = [place = files.place_of(file.id)] { return ContentReader::open(place); };
    const auto reader = co_await files.run(std::move(opening));
    Response head(200, "", file.type);
    if (!reader) {
        head = errors.answer(reader.error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(head));
        co_return;
    }
    std::uint64_t offset = 0;
    std::uint64_t left = file.bytes;
    const auto range = parse_byte_range(call.exchange.head().fields[http::field::range], file.bytes);
    if (range && range->length > 0) {
        offset = range->offset;
        left = range->length;
        head.status = 206;
        head.headers.emplace_back("Content-Range",
                                  fmt::format("bytes {}-{}/{}", offset, offset + left - 1, file.bytes));
    }
    head.headers.emplace_back("Content-Length", std::to_string(left));
    head.headers.emplace_back("Content-Disposition", disposition(file.name));
    head.headers.emplace_back("Accept-Ranges", "bytes");
    if (call.exchange.head().method == http::verb::head) left = 0;
    const Result<void> begun = co_await call.exchange.begin(std::move(head));
    bool goes_on = begun.has_value();
    while (goes_on && left > 0) {
        const std::size_t size = std::min<std::uint64_t>(left, piece_bytes);
        auto reading = [&reader, offset, size] { return reader->read(offset, size); };
        const Result<std::string> piece = co_await files.run(std::move(reading));
        if (!piece) co_return;  // what is missing shows
        const Result<void> written = co_await call.exchange.write(*piece);
        goes_on = written.has_value();
        offset += size;
        left -= size;
    }
    if (goes_on) (void)co_await call.exchange.finish();
}

void add_file_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<StoredFileRoutes>(services.interpreter.files());
    const std::vector<Errc> errors{Errc::not_found, Errc::unavailable};
    for (const std::string& path : client_paths("/files/{session_id}"))
        routes.add<ListStoredFiles, FileListing>(
            http::verb::get, path, {.summary = "List a session's files", .tag = name, .errors = errors},
            [subject](Call& call, ListStoredFiles request) { return subject->list(call, std::move(request)); });
    for (const std::string& path : client_paths("/files/{session_id}/{file_id}"))
        routes.add<OneStoredFile, StoredFileRemoved>(
            http::verb::delete_, path, {.summary = "Remove a file", .tag = name, .errors = errors},
            [subject](Call& call, OneStoredFile request) { return subject->remove(call, std::move(request)); });
    for (const std::string& path : client_paths("/sessions/{session_id}/objects/{file_id}"))
        routes.add<OneStoredFile, StoredObject>(
            http::verb::get, path, {.summary = "Show a file", .tag = name, .errors = errors},
            [subject](Call& call, OneStoredFile request) { return subject->show(call, std::move(request)); });
    for (const std::string& path : client_paths("/download/{session_id}/{file_id}"))
        routes.add_raw<OneStoredFile>(
            http::verb::get, path,
            {.summary = "Download a file",
             .tag = name,
             .errors = errors,
             .produces = "application/octet-stream",
             .others = {{206, "The part that Range asks for"}}},
            [subject](Call& call, OneStoredFile request) { return subject->download(call, std::move(request)); });
}

}  // namespace librechat

nlohmann::ordered_json JsonForm<FileListing>::write(const FileListing& listing)
{
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const IndexedFile& file : listing.files) {
        if (listing.detail == FileDetail::simple)
            all.push_back(librechat::object_name(listing.session.id, file));
        else
            all.push_back(librechat::listed(listing, file));
    }
    return all;
}

}  // namespace sbx::daemon
