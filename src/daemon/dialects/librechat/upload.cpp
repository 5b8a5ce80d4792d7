#include "daemon/dialects/librechat/upload.hpp"

#include "core/sandbox/sandbox_record.hpp"
#include "daemon/dialects/librechat/librechat.hpp"
#include "daemon/http/multipart.hpp"
#include "daemon/interpreter/file_names.hpp"
#include "daemon/interpreter/stored_content.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace sbx::daemon::librechat {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;
constexpr std::size_t most_field_bytes = 1024;
constexpr unsigned insufficient_storage = 507;

/// Downloads have it in their heads.
bool is_media_type(std::string_view text)
{
    constexpr std::size_t longest = 127;
    const auto is_of_type = [](unsigned char c) {
        return c < 0x80 && (std::isalnum(c) != 0 ||
                            std::string_view("/.+-_;= \"").find(static_cast<char>(c)) != std::string_view::npos);
    };
    const std::size_t slash = text.find('/');
    return text.size() <= longest && slash != 0 && slash != std::string_view::npos &&
           std::ranges::all_of(text, is_of_type);
}

/// Keeps the files of a form as they come, on the thread of files. What is not taken over in the end is removed.
class UploadSink : public MultipartSink {
   public:
    UploadSink(const StoredFiles& files, const UploadRules& rules, std::uint64_t most_bytes)
        : stored_(files), rules_(rules), most_bytes_(most_bytes)
    {
    }
    ~UploadSink() override
    {
        if (is_kept_) return;
        std::error_code ignored;
        for (const UploadedFile& file : upload.files)
            if (!file.failure) std::filesystem::remove(stored_.place_of(file.file.id), ignored);
    }
    UploadSink(const UploadSink&) = delete;
    UploadSink& operator=(const UploadSink&) = delete;

    Result<void> on_part(const MultipartPart& part) override
    {
        field_.reset();
        if (part.file_name)
            begin_file(*part.file_name, part.content_type);
        else
            field_ = part.name;
        return {};
    }
    Result<void> on_data(std::string_view bytes) override
    {
        if (field_) {
            std::string& text = fields[*field_];
            text.append(bytes.substr(0, most_field_bytes - text.size()));
            return {};
        }
        if (!writer_) return {};
        UploadedFile& file = upload.files.back();
        if (writer_->bytes() + bytes.size() > most_bytes_)
            fail(file, Error(Errc::too_large, "File size limit exceeded"));
        else if (const auto written = writer_->write(bytes); !written)
            fail(file, Error(Errc::resource_exhausted, storage_full));
        return {};
    }
    Result<void> on_end() override
    {
        if (!writer_) return {};
        UploadedFile& file = upload.files.back();
        Result<ContentFacts> facts = writer_->finish();
        writer_.reset();
        if (!facts) {
            file.failure = Error(Errc::resource_exhausted, storage_full);
            return {};
        }
        file.file.bytes = facts->bytes;
        file.file.digest = std::move(facts->digest);
        return {};
    }

    Upload take()
    {
        is_kept_ = true;
        return std::move(upload);
    }

    Upload upload;
    std::map<std::string, std::string> fields;

   private:
    void begin_file(const std::string& file_name, const std::string& type)
    {
        upload.has_more = upload.files.size() >= rules_.most_files;
        if (upload.has_more) return;
        UploadedFile& file = upload.files.emplace_back();
        file.name = file_name;
        file.file.id = new_file_id();
        file.file.name = file_name;
        const bool is_telling = is_media_type(type) && type != "application/octet-stream";
        file.file.type = is_telling ? type : media_type_of(file_name);
        if (!is_file_name(file_name)) return fail(file, Error(Errc::invalid_argument, "Invalid filename"));
        Result<ContentWriter> writer = ContentWriter::create(stored_.place_of(file.file.id));
        if (writer)
            writer_.emplace(std::move(*writer));
        else
            fail(file, Error(Errc::resource_exhausted, storage_full));
    }
    void fail(UploadedFile& file, Error error)
    {
        file.failure = std::move(error);
        writer_.reset();
    }

    const StoredFiles& stored_;
    UploadRules rules_;
    std::uint64_t most_bytes_;
    std::optional<std::string> field_;  ///< the field that comes; absent: a file
    std::optional<ContentWriter> writer_;
    bool is_kept_ = false;
};

/// Reads the body to its end, whatever is wrong with its files: the client is to see the answer.
asio::awaitable<Result<void>> read_form(Exchange& exchange, StoredFiles& files, UploadSink& sink)
{
    const std::string type(std::string_view(exchange.head().fields[http::field::content_type]));
    const Result<std::string> boundary = boundary_of(type);
    if (!boundary) co_return boundary.error();
    MultipartDecoder decoder(*boundary);
    std::string piece(piece_bytes, '\0');
    for (;;) {
        const Result<std::size_t> n = co_await exchange.read_some(piece);
        if (!n) co_return n.error();
        if (*n == 0) co_return decoder.finish();
        auto feeding = [&] { return decoder.feed(std::string_view(piece).substr(0, *n), sink); };
        const Result<void> fed = co_await files.run(std::move(feeding));
        if (!fed) co_return fed;
    }
}

Result<void> check_files(const Upload& upload, const UploadRules& rules)
{
    if (upload.files.empty()) return Error(Errc::invalid_argument, "No file provided");
    if (!rules.keeps_going && upload.files.front().failure) return *upload.files.front().failure;
    return {};
}

/// The session that the files make, or go to.
asio::awaitable<Result<FileSession>> session_of(Call& call, Interpreter& interpreter, UploadRules rules,
                                                const std::map<std::string, std::string>& fields)
{
    const auto field = [&](const char* field_name) {
        const auto at = fields.find(field_name);
        return at == fields.end() ? std::string() : at->second;
    };
    std::string named = rules.takes_session ? field("session_id") : "";
    if (!named.empty()) {
        const FileEntity nobody;
        Result<FileSession> known = co_await interpreter.files().find_session(named, call.caller, nobody);
        if (!known) co_return known;
        const auto files = co_await interpreter.files().list(named);
        if (!files) co_return files.error();
        if (files->size() >= interpreter.bounds().session_files)
            co_return Error(Errc::invalid_argument, "The session has as many files as it may have");
        co_return known;
    }
    FileSession session;
    session.id = new_file_id();
    session.kind = rules.takes_session ? FileSessionKind::execution : FileSessionKind::upload;
    std::tie(session.tenant, session.subject) = owner_of(call.caller);
    session.entity_kind = field("kind");
    session.entity_id = field("id");
    session.entity_version = field("version");
    session.created = record_time();
    co_return session;
}

}  // namespace

asio::awaitable<Result<Upload>> receive_upload(Call& call, Interpreter& interpreter, UploadRules rules)
{
    StoredFiles& files = interpreter.files();
    UploadSink sink(files, rules, interpreter.bounds().file_bytes);
    const Result<void> read = co_await read_form(call.exchange, files, sink);
    if (!read) co_return read.error();
    if (const auto sound = check_files(sink.upload, rules); !sound) co_return sound.error();
    Result<FileSession> session = co_await session_of(call, interpreter, rules, sink.fields);
    if (!session) co_return session.error();
    const bool is_read_only = sink.fields["read_only"] == "true";
    FileSessionChange change;
    change.session = *session;
    change.session.used = record_time();
    for (UploadedFile& uploaded : sink.upload.files) {
        uploaded.file.session = session->id;
        uploaded.file.read_only = is_read_only;
        uploaded.file.created = record_time();
        if (uploaded.failure) continue;
        change.added.push_back(uploaded.file);
        if (is_read_only) (void)make_read_only(files.place_of(uploaded.file.id));
    }
    if (!change.added.empty()) {
        const Result<void> kept = co_await files.apply(std::move(change));
        if (!kept) co_return kept.error();
    }
    sink.upload.session = std::move(*session);
    co_return sink.take();
}

void refuse_when_storage_full(Route& route, Store& store)
{
    const Errors errors;
    route.guards.emplace_back(
        [errors, &store](Call& /*call*/, const nlohmann::json& /*parameters*/) -> asio::awaitable<Admittance> {
            Admittance admittance;
            const Result<void> space = co_await store.check_space();
            if (!space && store.health() == StoreHealth::full)
                admittance.refusal = errors.told(insufficient_storage, storage_full);
            co_return admittance;
        });
    route.text.others.push_back({insufficient_storage, "The disk of the daemon's state directory is nearly full"});
}

}  // namespace sbx::daemon::librechat
