#include "daemon/dialects/librechat/exec_answer.hpp"
#include "daemon/dialects/librechat/exec_request.hpp"
#include "daemon/dialects/librechat/librechat.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

void read_json(Decoder& decoder, const nlohmann::json& in, ArgumentList& out)
{
    if (in.is_string())
        out.texts = {in.get<std::string>()};
    else
        decoder.read(in, out.texts);
    const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
    if (std::ranges::any_of(out.texts, has_nul)) decoder.fail_value("an argument holds a NUL");
}

std::optional<std::chrono::milliseconds> time_of(std::optional<double> milliseconds)
{
    constexpr double most = 1e9;
    if (!milliseconds) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(*milliseconds, 1.0, most)));
}

struct ExecRequest {
    std::string lang;
    std::string code;
    ArgumentList args;
    std::optional<std::vector<FileReference>> files;
    std::optional<double> timeout;
    std::string session_id;
};
BOOST_DESCRIBE_STRUCT(ExecRequest, (), (lang, code, args, files, timeout, session_id))

constexpr auto fields_of(const ExecRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "lang",
         .description = "py, js, ts, c, cpp, java, php, rs, go, d, f90, r or bash",
         .required = true,
         .example = R"("py")"},
        {.name = "code", .description = "May be empty", .required = true, .example = R"j("print(1)")j"},
        {.name = "args", .description = "Its arguments; no shell sees them"},
        {.name = "files", .description = "Stored ones that it finds in /mnt/data"},
        {.name = "timeout", .description = "Milliseconds; the daemon's own bound counts too"},
        {.name = "session_id", .description = "Of an earlier run, to go on with its files"},
    });
}

namespace librechat {
namespace {

asio::awaitable<Result<ExecAnswer>> execute(Services services, Call& call, ExecRequest request)
{
    InterpreterOrder order;
    order.language = std::move(request.lang);
    order.code = std::move(request.code);
    order.arguments = std::move(request.args.texts);
    order.files = std::move(request.files);
    order.timeout = time_of(request.timeout);
    order.session = std::move(request.session_id);
    std::string dialect = name;
    auto end = co_await services.interpreter.run(call.exchange, std::move(order), call.caller, std::move(dialect));
    if (!end) co_return end.error();
    ExecAnswer answer;
    answer.end = std::move(*end);
    co_return answer;
}

}  // namespace

void add_exec_routes(Routes& routes, const Services& services)
{
    for (const std::string& path : client_paths("/exec"))
        routes.add<ExecRequest, ExecAnswer>(
            http::verb::post, path,
            {.summary = "Run code over stored files",
             .tag = name,
             .description = "What the code does wrong is told of with 200 and words on stderr.",
             .errors = {Errc::resource_exhausted, Errc::unavailable}},
            [services](Call& call, ExecRequest request) { return execute(services, call, std::move(request)); });
}

}  // namespace librechat
}  // namespace sbx::daemon
