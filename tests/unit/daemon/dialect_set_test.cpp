#include "catch.hpp"
#include "fake_exchange.hpp"

#include "daemon/api/dialect_set.hpp"
#include "daemon/api/fast_api_errors.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/dialects/app/nest_errors.hpp"
#include "daemon/http/target.hpp"

#include <array>

namespace sample {

using namespace sbx::daemon;

struct Order {
    std::string id;
    std::string name;
    std::string code;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, name, code))

constexpr auto fields_of(const Order* /*type*/)
{
    return std::to_array<Field>({{.name = "code", .required = true}});
}

struct Said {
    std::string status = "ok";
};
BOOST_DESCRIBE_STRUCT(Said, (), (status))

struct SaidMore {
    std::string status = "busy";
    std::string version = "1";
};
BOOST_DESCRIBE_STRUCT(SaidMore, (), (status, version))

}  // namespace sample

namespace {

using namespace sbx::daemon;
using nlohmann::json;
using sample::Order;
using sample::Said;
using sample::SaidMore;

class OpenDoor : public Access {
   public:
    sbx::asio::awaitable<sbx::Result<Caller>> identify(const RequestHead& /*head*/) override { co_return Caller{}; }
};

template <class Answer>
auto say(Answer answer)
{
    return
        [answer](Call& /*call*/, auto /*request*/) -> sbx::asio::awaitable<sbx::Result<Answer>> { co_return answer; };
}

/// FastAPI's manner.
Dialect one()
{
    Dialect dialect{"one", "One", {}, std::make_shared<FastApiErrors>()};
    Routes routes(dialect.errors, fast_api_reading, FinalSlash::redirects);
    routes.add<Nothing, Said>(http::verb::get, "/health", {.summary = "health"}, say(Said{}));
    routes.add<Order, Said>(http::verb::post, "/run/{id}", {.summary = "run"}, say(Said{"one"}));
    routes.add<Nothing, Said>(http::verb::get, "/boxes/", {.summary = "boxes"}, say(Said{"boxes"}));
    routes.add<Order, Said>(http::verb::post, "/do", {.summary = "do", .tag = "one"}, say(Said{"one"}));
    dialect.routes = routes.all();
    return dialect;
}

/// NestJS's manner.
Dialect two()
{
    Dialect dialect{"two", "Two", {}, std::make_shared<app::NestErrors>()};
    Routes routes(dialect.errors, app::nest_reading);
    routes.add<Nothing, SaidMore>(http::verb::get, "/health", {.summary = "health"}, say(SaidMore{}));
    routes.add<Order, Said>(http::verb::post, "/run/{name}", {.summary = "run", .status = 201}, say(Said{"two"}));
    routes.add<Order, Said>(http::verb::post, "/do", {.summary = "do", .tag = "two"}, say(Said{"two"}));
    dialect.routes = routes.all();
    return dialect;
}

constexpr std::array<std::string_view, 2> keys_of_two{"name", "wait"};

constexpr std::array shared{
    SharedPath{http::verb::get, "/health", Sharing::members_of_all, "all that any of them says"},
    SharedPath{http::verb::post, "/run/{id}", Sharing::first, "one's"},
    SharedPath{http::verb::post, "/do", Sharing::keys_decide, "by its keys", "two", keys_of_two},
};

struct Served {
    Served(std::vector<const Dialect*> dialects) : set(std::move(dialects), shared, {}, door) {}

    Response ask(http::verb method, const std::string& target, std::string body = "",
                 const std::string& type = "application/json")
    {
        test::FakeExchange exchange(io, method, *parse_target(target), std::move(body));
        exchange.change_head().fields.set(http::field::content_type, type);
        exchange.change_head().fields.set(http::field::host, "box:1");
        return test::answer_of(io, set, exchange);
    }

    boost::asio::io_context io{1};
    OpenDoor door;
    DialectSet set;
};

json body_of(const Response& response)
{
    return json::parse(response.body);
}

}  // namespace

TEST_CASE("a path of several dialects is answered as its rule says")
{
    const Dialect first = one();
    const Dialect second = two();
    Served served({&first, &second});
    CHECK(body_of(served.ask(http::verb::get, "/health")) == json{{"status", "ok"}, {"version", "1"}});
    CHECK(served.ask(http::verb::post, "/run/7", R"({"code": ""})").status == 200);
}

TEST_CASE("a prefix reaches one dialect alone")
{
    const Dialect first = one();
    const Dialect second = two();
    Served served({&first, &second});
    CHECK(body_of(served.ask(http::verb::get, "/compat/two/health")) == json{{"status", "busy"}, {"version", "1"}});
    CHECK(served.ask(http::verb::post, "/compat/two/run/7", R"({"code": ""})").status == 201);
    CHECK(body_of(served.ask(http::verb::get, "/compat/two/nothing?x=1"))["message"] == "Cannot GET /nothing?x=1");
    CHECK(served.ask(http::verb::get, "/compat/three/health").status == 404);
    const json document = body_of(served.ask(http::verb::get, "/compat/two/openapi.json"));
    CHECK(document["servers"] == json::parse(R"([{"url": "/compat/two"}])"));
    CHECK(document["paths"].size() == 4);
    CHECK(body_of(served.ask(http::verb::get, "/openapi.json"))["paths"].size() == 5);
}

TEST_CASE("where keys decide, a request is for the dialect whose keys it has")
{
    const Dialect first = one();
    const Dialect second = two();
    Served served({&first, &second});
    const auto [target, body, owner] = GENERATE(table<const char*, const char*, const char*>({
        {"/do", R"({"code": ""})", "one"},
        {"/do", R"({"code": "", "id": "name"})", "one"},
        {"/do", R"({"code": "", "name": "x"})", "two"},
        {"/do?wait=1", R"({"code": ""})", "two"},
        {"/do?x=wait", R"({"code": ""})", "one"},
    }));
    CHECK(body_of(served.ask(http::verb::post, target, body))["status"] == owner);
    CHECK(served.ask(http::verb::post, "/do", "[\"name\"]").status == 422);
    CHECK(served.ask(http::verb::post, "/do", "{").status == 422);
    CHECK(served.ask(http::verb::post, "/do", R"({"name": "x"})").status == 400);
    const json operation = body_of(served.ask(http::verb::get, "/openapi.json"))["paths"]["/do"]["post"];
    CHECK(operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"].size() == 2);
    Served alone({&second});
    CHECK(body_of(alone.ask(http::verb::post, "/do", R"({"code": ""})"))["status"] == "two");
}

TEST_CASE("a route may ignore final and doubled slashes, and let in others than the daemon")
{
    class Closed : public Access {
       public:
        sbx::asio::awaitable<sbx::Result<Caller>> identify(const RequestHead& /*head*/) override
        {
            co_return sbx::Error(sbx::Errc::unauthenticated, "no");
        }
    };
    Dialect dialect{"three", "Three", {}, std::make_shared<FastApiErrors>()};
    Routes routes(dialect.errors, fast_api_reading, FinalSlash::ignored);
    routes.add<Nothing, Said>(http::verb::get, "/a/b", {.summary = "a"}, say(Said{"a"}));
    routes.add<Nothing, Said>(http::verb::get, "/shut", {.summary = "shut"}, say(Said{})).access =
        std::make_shared<Closed>();
    dialect.routes = routes.all();
    Served served({&dialect});
    for (const char* target : {"/a/b", "/a/b/", "//a/b", "/a//b//", "/compat/three//a/b"})
        CHECK(served.ask(http::verb::get, target).status == 200);
    CHECK(served.ask(http::verb::get, "/a").status == 404);
    CHECK(served.ask(http::verb::get, "/shut").status == 401);
    CHECK(served.ask(http::verb::get, "//shut").status == 401);
}

TEST_CASE("a path whose owner no rule names keeps the daemon from starting")
{
    const Dialect first = one();
    const Dialect again = one();
    CHECK_THROWS_WITH(Served({&first, &again}), Catch::Matchers::Contains("GET /boxes/"));
}

TEST_CASE("a final slash that is missing or too much is redirected where the dialect does so")
{
    const Dialect dialect = one();
    Served served({&dialect});
    CHECK(body_of(served.ask(http::verb::get, "/boxes/"))["status"] == "boxes");
    const auto [target, location] = GENERATE(table<const char*, const char*>({
        {"/boxes?a=1", "http://box:1/boxes/?a=1"},
        {"/health/", "http://box:1/health"},
        {"/health//", "http://box:1/health"},
        {"/compat/one/boxes", "http://box:1/compat/one/boxes/"},
    }));
    const Response answer = served.ask(http::verb::get, target);
    CHECK(answer.status == 307);
    CHECK(answer.body.empty());
    CHECK(answer.headers == Headers{{"Location", location}});
    CHECK(served.ask(http::verb::get, "/boxes//").status == 404);
}

TEST_CASE("what no route answers reads in every dialect of a listener, and in its own where there is one")
{
    const Dialect first = one();
    const Dialect second = two();
    Served both({&first, &second});
    const json shared_body = body_of(both.ask(http::verb::get, "/x"));
    CHECK(shared_body["detail"] == "Not Found");
    CHECK(shared_body["message"] == "Cannot GET /x");
    CHECK(shared_body["statusCode"] == 404);
    const Response refused = both.ask(http::verb::put, "/health");
    CHECK(refused.status == 405);
    CHECK(refused.headers == Headers{{"Allow", "GET"}});
    CHECK(body_of(both.ask(http::verb::get, "/v1/x"))["error"]["code"] == "not_found");
    Served alone({&first});
    CHECK(body_of(alone.ask(http::verb::get, "/x")) == json{{"detail", "Not Found"}});
}

TEST_CASE("a body is refused as FastAPI refuses it")
{
    const Dialect dialect = one();
    Served served({&dialect});
    const auto [body, type, place, kind] = GENERATE(table<const char*, const char*, const char*, std::string>({
        {"", "application/json", R"(["body"])", "missing"},
        {"null", "application/json", R"(["body"])", "model_attributes_type"},
        {"{}", "application/json", R"(["body", "code"])", "missing"},
        {"[1]", "application/json", R"(["body"])", "model_attributes_type"},
        {"hello", "text/plain", R"(["body"])", "model_attributes_type"},
        {R"({"code": )", "application/json", R"(["body", 9])", "json_invalid"},
    }));
    const Response answer = served.ask(http::verb::post, "/run/7", body, type);
    CHECK(answer.status == 422);
    const json detail = body_of(answer)["detail"];
    REQUIRE(detail.size() == 1);
    CHECK(detail[0]["loc"] == json::parse(place));
    CHECK(detail[0]["type"] == kind);
    if (kind == "missing" && detail[0]["loc"].size() == 2) CHECK(detail[0]["input"] == json::object());
}

TEST_CASE("a body is refused as NestJS refuses it")
{
    const Dialect dialect = two();
    Served served({&dialect});
    const auto [body, type, status, message] = GENERATE(table<const char*, const char*, unsigned, const char*>({
        {"{}", "application/json", 400, R"(["code must be a string"])"},
        {R"({"code": 5})", "application/json", 400, R"(["code must be a string"])"},
        {"null", "application/json", 400, R"(["code must be a string"])"},
        {"[1]", "application/json", 400, R"j(["Validation failed (object is expected)"])j"},
        {"{", "application/json", 400, "\"Body is not valid JSON but content-type is set to 'application/json'\""},
        {"<a/>", "text/xml", 415, "\"Unsupported Media Type\""},
    }));
    const Response answer = served.ask(http::verb::post, "/run/7", body, type);
    CHECK(answer.status == status);
    CHECK(body_of(answer)["message"] == json::parse(message));
    CHECK(body_of(answer)["statusCode"] == status);
}
