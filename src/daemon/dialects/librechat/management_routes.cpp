#include "core/sandbox/identity.hpp"
#include "core/sandbox/sandbox_record.hpp"
#include "daemon/dialects/librechat/exec_answer.hpp"
#include "daemon/dialects/librechat/exec_request.hpp"
#include "daemon/dialects/librechat/librechat.hpp"

#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

/// A stored file as the server's own clients name it: by its id, in the session of the run.
struct ManagedReference {
    FileReference reference;
};

void read_json(Decoder& decoder, const nlohmann::json& in, ManagedReference& out)
{
    if (in.is_string())
        out.reference.id = in.get<std::string>();
    else
        decoder.read(in, out.reference);
}

template <>
struct JsonForm<ManagedReference> {
    static constexpr const char* name = "ManagedReference";
    static Schemas::Json schema(Schemas& schemas)
    {
        return {{"anyOf", Schemas::Json::array({{{"type", "string"}}, schemas.of<FileReference>()})}};
    }
    static nlohmann::ordered_json write(const ManagedReference& reference) { return json_of(reference.reference); }
};

struct ManagedRunRequest {
    std::string code;
    std::string lang;
    std::string language;
    ArgumentList args;
    std::optional<std::vector<ManagedReference>> files;
    std::optional<double> timeout;
    std::optional<double> timeout_seconds;
    std::string session_id;
};
BOOST_DESCRIBE_STRUCT(ManagedRunRequest, (), (code, lang, language, args, files, timeout, timeout_seconds, session_id))

constexpr auto fields_of(const ManagedRunRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code", .description = "May be empty", .required = true, .example = R"j("print(1)")j"},
        {.name = "lang", .description = "As for /exec (py)"},
        {.name = "language", .description = "The same by another name"},
        {.name = "args", .description = "Its arguments; no shell sees them"},
        {.name = "files", .description = "Stored ones: references, or ids of the session's"},
        {.name = "timeout", .description = "Milliseconds"},
        {.name = "timeout_seconds", .description = "The same in seconds"},
        {.name = "session_id", .description = "Of an earlier run, to go on with its files"},
    });
}

struct ManagedSession {
    std::string session_id;
    std::string created_at;
    std::string expires_at;
    std::string last_activity;
    std::string language;
    std::size_t files = 0;
    bool container = false;
};
BOOST_DESCRIBE_STRUCT(ManagedSession, (),
                      (session_id, created_at, expires_at, last_activity, language, files, container))

struct ManagedSessionList {
    std::vector<ManagedSession> sessions;
    std::size_t total = 0;
};
BOOST_DESCRIBE_STRUCT(ManagedSessionList, (), (sessions, total))

struct ManagedSessionId {
    std::string session_id;
};
BOOST_DESCRIBE_STRUCT(ManagedSessionId, (), (session_id))

struct ManagedSessionRemoved {
    std::string status = "deleted";
    std::string session_id;
    bool success = true;
};
BOOST_DESCRIBE_STRUCT(ManagedSessionRemoved, (), (status, session_id, success))

namespace librechat {
namespace {

/// Of an id alone, the session is that of the run.
std::vector<FileReference> references_of(std::vector<ManagedReference> managed, const std::string& session)
{
    std::vector<FileReference> references;
    for (ManagedReference& each : managed) {
        if (each.reference.session.empty()) each.reference.session = session;
        references.push_back(std::move(each.reference));
    }
    return references;
}

std::optional<double> milliseconds_of(const ManagedRunRequest& request)
{
    constexpr double in_a_second = 1000;
    if (request.timeout_seconds) return *request.timeout_seconds * in_a_second;
    return request.timeout;
}

/// Runs and sessions for whoever looks after the daemon.
class ManagementRoutes {
   public:
    explicit ManagementRoutes(Interpreter& interpreter) : interpreter_(interpreter) {}

    asio::awaitable<Result<ExecAnswer>> run(Call& call, ManagedRunRequest request) const
    {
        InterpreterOrder order;
        order.timeout = time_of(milliseconds_of(request));
        order.language = request.lang.empty() ? std::move(request.language) : std::move(request.lang);
        if (order.language.empty()) order.language = "py";
        order.code = std::move(request.code);
        order.arguments = std::move(request.args.texts);
        if (request.files) order.files = references_of(std::move(*request.files), request.session_id);
        order.session = std::move(request.session_id);
        ExecAnswer answer;
        answer.run_id = new_execution_id();
        answer.language = order.language;
        std::string dialect = name;
        auto end = co_await interpreter_.run(call.exchange, std::move(order), call.caller, std::move(dialect));
        if (!end) co_return end.error();
        answer.end = std::move(*end);
        co_return answer;
    }

    asio::awaitable<Result<ManagedSessionList>> list(Call& call, Nothing /*request*/) const
    {
        const std::chrono::milliseconds life = interpreter_.bounds().session_life;
        const auto found = co_await interpreter_.files().sessions(call.caller, record_time() - life);
        if (!found) co_return found.error();
        ManagedSessionList list;
        for (const FileSessionEntry& entry : *found) {
            const FileSession& session = entry.session;
            list.sessions.push_back({session.id, time_text(session.created), time_text(session.created + life),
                                     time_text(session.used), session.language, entry.files,
                                     interpreter_.is_busy(session.id)});
        }
        list.total = list.sessions.size();
        co_return list;
    }

    asio::awaitable<Result<ManagedSessionRemoved>> remove(Call& call, ManagedSessionId request) const
    {
        ManagedSessionRemoved removed;
        removed.session_id = request.session_id;
        const Result<void> done =
            co_await interpreter_.files().remove_session(std::move(request.session_id), call.caller);
        if (!done) co_return done.error();
        co_return removed;
    }

   private:
    Interpreter& interpreter_;
};

}  // namespace

void add_management_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<ManagementRoutes>(services.interpreter);
    routes.add<ManagedRunRequest, ExecAnswer>(
        http::verb::post, "/v1/librechat/runs",
        {.summary = "Run code over stored files", .tag = name, .errors = {Errc::resource_exhausted, Errc::unavailable}},
        [subject](Call& call, ManagedRunRequest request) { return subject->run(call, std::move(request)); });
    routes.add<Nothing, ManagedSessionList>(
        http::verb::get, "/v1/librechat/sessions",
        {.summary = "List sessions, newest first", .tag = name, .errors = {Errc::unavailable}},
        [subject](Call& call, Nothing request) { return subject->list(call, request); });
    routes.add<ManagedSessionId, ManagedSessionRemoved>(
        http::verb::delete_, "/v1/librechat/sessions/{session_id}",
        {.summary = "Remove a session with its files", .tag = name, .errors = {Errc::not_found, Errc::unavailable}},
        [subject](Call& call, ManagedSessionId request) { return subject->remove(call, std::move(request)); });
}

}  // namespace librechat
}  // namespace sbx::daemon
