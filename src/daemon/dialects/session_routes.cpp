#include "daemon/dialects/session_routes.hpp"

#include "daemon/executions/language_name.hpp"
#include "daemon/executions/library_name.hpp"
#include "daemon/sandboxes/storage_check.hpp"

#include <array>
#include <memory>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

struct CreateSession {
    LanguageName lang;
    bool keep_template = false;
};
BOOST_DESCRIBE_STRUCT(CreateSession, (), (lang, keep_template))

constexpr auto fields_of(const CreateSession* /*type*/)
{
    return std::to_array<Field>({
        {.name = "lang", .description = "Of all of its code", .example = R"("python")"},
        {.name = "keep_template", .description = "Images stay in any case"},
    });
}

struct ExecuteInSession {
    std::string session_id;
    std::string code;
    std::optional<std::vector<LibraryName>> libraries;
};
BOOST_DESCRIBE_STRUCT(ExecuteInSession, (), (session_id, code, libraries))

constexpr auto fields_of(const ExecuteInSession* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code",
         .description = "Runs among the variables of what ran before",
         .required = true,
         .example = R"("x = 6 * 7")"},
        {.name = "libraries", .description = "To be there, from now on", .max_length = 100},
    });
}

struct ExecuteAlone {
    std::string code;
    LanguageName lang;
    bool keep_template = false;
    std::optional<std::vector<LibraryName>> libraries;
};
BOOST_DESCRIBE_STRUCT(ExecuteAlone, (), (code, lang, keep_template, libraries))

constexpr auto fields_of(const ExecuteAlone* /*type*/)
{
    return std::to_array<Field>({
        {.name = "code",
         .description = "Runs once, in a sandbox of its own",
         .required = true,
         .example = R"j("print('Hello, World!')")j"},
        {.name = "lang", .description = "What it is written in", .example = R"("python")"},
        {.name = "keep_template", .description = "Images stay in any case"},
        {.name = "libraries", .description = "To be there", .max_length = 100},
    });
}

struct SessionRequest {
    std::string session_id;
};
BOOST_DESCRIBE_STRUCT(SessionRequest, (), (session_id))

struct Liveness {
    std::string status = "ok";
};
BOOST_DESCRIBE_STRUCT(Liveness, (), (status))

struct SessionMade {
    std::string session_id;
    std::string status = "active";
};
BOOST_DESCRIBE_STRUCT(SessionMade, (), (session_id, status))

struct SessionList {
    std::vector<std::string> sessions;
};
BOOST_DESCRIBE_STRUCT(SessionList, (), (sessions))

struct SessionEnded {
    std::string status;
};
BOOST_DESCRIBE_STRUCT(SessionEnded, (), (status))

struct ScriptResult {
    std::string stdout;
    std::string stderr;
    int exit_code = 0;
};
BOOST_DESCRIBE_STRUCT(ScriptResult, (), (stdout, stderr, exit_code))

namespace {

Result<ScriptResult> result_of(Result<ScriptEnd> end)
{
    if (!end) return end.error();
    ScriptResult result;
    result.stdout = std::move(end->output);
    result.stderr = std::move(end->errors);
    result.exit_code = end->exit_code;
    return result;
}

std::vector<std::string> texts_of(std::optional<std::vector<LibraryName>> libraries)
{
    std::vector<std::string> texts;
    for (LibraryName& library : libraries.value_or(std::vector<LibraryName>()))
        texts.push_back(std::move(library.text));
    return texts;
}

/// Sessions over HTTP.
class SessionRoutes {
   public:
    SessionRoutes(Sessions& sessions, SessionDialect dialect) : sessions_(sessions), dialect_(std::move(dialect)) {}

    asio::awaitable<Result<SessionMade>> create(Call& call, CreateSession request) const
    {
        SessionOrder order;
        order.language = std::move(request.lang.text);
        order.keep_template = request.keep_template;
        call.exchange.watch();
        Result<std::string> id = co_await sessions_.create(std::move(order), call.caller, dialect_.name);
        if (!id) co_return id.error();
        if (call.exchange.is_gone()) {  // nobody will ever name it
            const Result<void> closed = co_await sessions_.close(*id, call.caller);
            co_return Error(Errc::cancelled, "the client has gone");
        }
        SessionMade made;
        made.session_id = std::move(*id);
        co_return made;
    }

    asio::awaitable<Result<SessionList>> list(Call& call, Nothing /*request*/) const
    {
        Result<std::vector<std::string>> sessions = sessions_.list(call.caller);
        if (!sessions) co_return sessions.error();
        SessionList list;
        list.sessions = std::move(*sessions);
        co_return list;
    }

    asio::awaitable<Result<SessionEnded>> close(Call& call, SessionRequest request) const
    {
        const Result<void> closed = co_await sessions_.close(std::move(request.session_id), call.caller);
        if (!closed) co_return closed.error();
        SessionEnded ended;
        ended.status = dialect_.ended;
        co_return ended;
    }

    asio::awaitable<Result<ScriptResult>> execute(Call& call, ExecuteInSession request) const
    {
        ScriptOrder order;
        order.code = std::move(request.code);
        order.libraries = texts_of(std::move(request.libraries));
        std::string id = std::move(request.session_id);
        Result<ScriptEnd> end = co_await sessions_.execute(call.exchange, std::move(id), std::move(order), call.caller);
        co_return result_of(std::move(end));
    }

    asio::awaitable<Result<ScriptResult>> execute_alone(Call& call, ExecuteAlone request) const
    {
        ScriptOrder order;
        order.code = std::move(request.code);
        order.language = std::move(request.lang.text);
        order.libraries = texts_of(std::move(request.libraries));
        Result<ScriptEnd> end =
            co_await sessions_.execute_once(call.exchange, std::move(order), call.caller, dialect_.name);
        co_return result_of(std::move(end));
    }

    static asio::awaitable<Result<Liveness>> tell_liveness(Call& /*call*/, Nothing /*request*/)
    {
        co_return Liveness();
    }

   private:
    Sessions& sessions_;
    SessionDialect dialect_;
};

template <class Request, class Answer>
auto bound(const std::shared_ptr<SessionRoutes>& subject,
           asio::awaitable<Result<Answer>> (SessionRoutes::*handler)(Call&, Request) const)
{
    return [subject, handler](Call& call, Request request) { return ((*subject).*handler)(call, std::move(request)); };
}

}  // namespace

void add_session_routes(Routes& routes, Sessions& sessions, Store& store, SessionDialect dialect)
{
    const auto subject = std::make_shared<SessionRoutes>(sessions, dialect);
    const std::string one = "/sessions/{session_id}";
    const std::vector<Errc> making{Errc::resource_exhausted, Errc::image_unavailable, Errc::unavailable};
    const std::vector<Errc> using_one{Errc::not_found, Errc::conflict, Errc::unavailable};
    routes.add<Nothing, Liveness>(http::verb::get, "/", {.summary = "Say that it is there", .tag = dialect.name},
                                  SessionRoutes::tell_liveness);
    Route& create = routes.add<CreateSession, SessionMade>(
        http::verb::post, "/sessions",
        {.summary = "Begin a session", .tag = dialect.name, .errors = making, .status = dialect.done},
        bound(subject, &SessionRoutes::create));
    refuse_when_full(create, store);
    routes.add<Nothing, SessionList>(
        http::verb::get, "/sessions",
        {.summary = "List sessions, oldest first", .tag = dialect.name, .errors = {Errc::unavailable}},
        bound(subject, &SessionRoutes::list));
    routes.add<ExecuteInSession, ScriptResult>(http::verb::post, one + "/execute",
                                               {.summary = "Run code in a session, which keeps its variables",
                                                .tag = dialect.name,
                                                .errors = using_one,
                                                .status = dialect.done},
                                               bound(subject, &SessionRoutes::execute));
    routes.add<SessionRequest, SessionEnded>(
        http::verb::delete_, one, {.summary = "End a session", .tag = dialect.name, .errors = {Errc::not_found}},
        bound(subject, &SessionRoutes::close));
    for (const std::string& path : dialect.once_paths)
        routes.add<ExecuteAlone, ScriptResult>(http::verb::post, path,
                                               {.summary = "Run code once, in a sandbox of its own",
                                                .tag = dialect.name,
                                                .errors = making,
                                                .status = dialect.done},
                                               bound(subject, &SessionRoutes::execute_alone));
}

}  // namespace sbx::daemon
