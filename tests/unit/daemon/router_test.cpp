#include "catch.hpp"
#include "fake_exchange.hpp"
#include "run_async.hpp"

#include "daemon/api/openapi.hpp"
#include "daemon/api/router.hpp"
#include "daemon/api/routes.hpp"

#include <array>

namespace sample {

using namespace sbx::daemon;

struct Wish {
    std::string id;
    std::string path;
    std::string colour = "red";
    std::optional<std::uint32_t> count;
};
BOOST_DESCRIBE_STRUCT(Wish, (), (id, path, colour, count))

constexpr auto fields_of(const Wish* /*type*/)
{
    return std::to_array<Field>({{.name = "count", .description = "How many", .minimum = 1}});
}

struct Fulfilled {
    std::string what;
};
BOOST_DESCRIBE_STRUCT(Fulfilled, (), (what))

}  // namespace sample

namespace {

using namespace sbx::daemon;
using sample::Fulfilled;
using sample::Wish;

class Doorman : public Access {
   public:
    sbx::asio::awaitable<sbx::Result<Caller>> identify(const RequestHead& head) override
    {
        if (head.fields["X-API-Key"] == "wrong") co_return sbx::Error(sbx::Errc::unauthenticated, "a key is needed");
        co_return Caller{};
    }
};

struct Api {
    Api() : router(doorman, std::make_shared<NativeErrors>())
    {
        Routes routes(std::make_shared<NativeErrors>(), Reading{});
        const auto answer = [](const char* name) {
            return [name](Call& /*call*/, Wish wish) -> sbx::asio::awaitable<sbx::Result<Fulfilled>> {
                return fulfil(name, std::move(wish));
            };
        };
        routes.add<Wish, Fulfilled>(http::verb::get, "/things", {.summary = "list", .tag = "things"}, answer("list"));
        routes.add<Wish, Fulfilled>(http::verb::post, "/things", {.summary = "make", .tag = "things", .status = 201},
                                    answer("make"));
        routes.add<Wish, Fulfilled>(http::verb::get, "/things/{id}", {.summary = "get", .tag = "things"},
                                    answer("get"));
        routes.add<Wish, Fulfilled>(http::verb::get, "/things/latest", {.summary = "latest", .tag = "things"},
                                    answer("latest"));
        routes.add<Wish, Fulfilled>(http::verb::get, "/things/{id}/files/{path...}",
                                    {.summary = "file", .tag = "things"}, answer("file"));
        routes.add<Wish, Fulfilled>(http::verb::get, "/open", {.summary = "open", .tag = "things"}, answer("open"))
            .open = true;
        routes
            .add<Wish, Fulfilled>(http::verb::get, "/passed/{path...}", {.summary = "passed", .tag = "things"},
                                  answer("passed"))
            .passes_on = true;
        router.add(routes.all());
    }

    static sbx::asio::awaitable<sbx::Result<Fulfilled>> fulfil(std::string name, Wish wish)
    {
        if (wish.colour == "none") co_return sbx::Error(sbx::Errc::conflict, "no colour", "take red");
        Fulfilled fulfilled;
        fulfilled.what = name + "," + wish.id + "," + wish.path + "," + wish.colour;
        co_return fulfilled;
    }

    Response ask(http::verb method, std::vector<std::string> segments, std::string body = "",
                 std::vector<std::pair<std::string, std::string>> query = {}, std::string key = "")
    {
        Target target;
        target.segments = std::move(segments);
        target.query = std::move(query);
        test::FakeExchange exchange(io, method, std::move(target), std::move(body));
        if (!key.empty()) exchange.change_head().fields.set("X-API-Key", key);
        return test::answer_of(io, router, exchange);
    }

    boost::asio::io_context io{1};
    Doorman doorman;
    Router router;
};

std::string what(const Response& response)
{
    return nlohmann::json::parse(response.body).at("what");
}

std::string code(const Response& response)
{
    return nlohmann::json::parse(response.body).at("error").at("code");
}

}  // namespace

TEST_CASE("a route that passes requests on takes every method, and leaves the query to others")
{
    Api api;
    const http::verb method = GENERATE(http::verb::get, http::verb::head, http::verb::post, http::verb::put,
                                       http::verb::patch, http::verb::delete_, http::verb::options);
    CHECK(what(api.ask(method, {"passed", "a", "b"}, "", {{"colour", "blue"}, {"id", "1"}, {"other", "2"}})) ==
          "passed,,a/b,red");
    CHECK(api.ask(method, {"passed"}).status == 404);
}

TEST_CASE("a request goes to the route of its method and path, the closest one")
{
    Api api;
    CHECK(what(api.ask(http::verb::get, {"things"})) == "list,,,red");
    CHECK(what(api.ask(http::verb::get, {"things", "7"})) == "get,7,,red");
    CHECK(what(api.ask(http::verb::get, {"things", "latest"})) == "latest,,,red");
    CHECK(what(api.ask(http::verb::get, {"things", "7", "files", "a", "b"})) == "file,7,a/b,red");
    CHECK(what(api.ask(http::verb::head, {"things"})) == "list,,,red");
}

TEST_CASE("members come from the body, or else from the query, and the path wins")
{
    Api api;
    const Response made = api.ask(http::verb::post, {"things"}, R"({"colour": "blue", "count": 2})");
    CHECK(made.status == 201);
    CHECK(what(made) == "make,,,blue");
    CHECK(what(api.ask(http::verb::get, {"things", "7"}, "", {{"colour", "blue"}, {"id", "8"}})) == "get,7,,blue");
}

TEST_CASE("what is wrong is told in the dialect's shape")
{
    Api api;
    const Response wrong = api.ask(http::verb::get, {"things"}, "", {{"count", "0"}});
    CHECK(wrong.status == 400);
    CHECK(code(wrong) == "invalid_argument");
    CHECK_THAT(wrong.body, Catch::Matchers::Contains("count: Input should be greater"));
    const Response failed = api.ask(http::verb::get, {"things"}, "", {{"colour", "none"}});
    CHECK(failed.status == 409);
    CHECK(code(failed) == "conflict");
    CHECK(api.ask(http::verb::post, {"things"}, "{").status == 400);
}

TEST_CASE("a path that is not there, and a method that it does not take")
{
    Api api;
    CHECK(api.ask(http::verb::get, {"nothing"}).status == 404);
    CHECK(api.ask(http::verb::get, {"things", ""}).status == 404);
    CHECK(api.ask(http::verb::get, {""}).status == 404);
    const Response refused = api.ask(http::verb::delete_, {"things"});
    CHECK(refused.status == 405);
    CHECK(refused.headers == std::vector<std::pair<std::string, std::string>>{{"Allow", "GET, POST"}});
}

TEST_CASE("who is not let in learns nothing of paths, and open routes are for all")
{
    Api api;
    CHECK(api.ask(http::verb::get, {"things"}, "", {}, "wrong").status == 401);
    CHECK(api.ask(http::verb::get, {"nothing"}, "", {}, "wrong").status == 401);
    CHECK(api.ask(http::verb::get, {"open"}, "", {}, "wrong").status == 200);
}

TEST_CASE("a body of another type is refused")
{
    Api api;
    Target target;
    target.segments = {"things"};
    test::FakeExchange exchange(api.io, http::verb::post, std::move(target), "colour=blue");
    exchange.change_head().fields.set(http::field::content_type, "text/plain");
    const auto serve = [&]() -> sbx::asio::awaitable<bool> {
        co_await api.router.serve(exchange);
        co_return true;
    };
    test::run_async(api.io, serve());
    CHECK(exchange.answer->status == 415);
}

TEST_CASE("the document tells of parameters, bodies and answers")
{
    const Api api;
    const auto document = openapi_document(api.router.routes(), "things", "1");
    CHECK(document["openapi"] == "3.1.0");
    const auto& get = document["paths"]["/things/{id}"]["get"];
    CHECK(get["parameters"][0]["name"] == "id");
    CHECK(get["parameters"][0]["in"] == "path");
    CHECK(get["parameters"][0]["required"] == true);
    const auto& make = document["paths"]["/things"]["post"];
    CHECK(make["requestBody"]["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Wish");
    CHECK(make["responses"]["201"]["content"]["application/json"]["schema"]["$ref"] ==
          "#/components/schemas/Fulfilled");
    CHECK(document["components"]["schemas"]["Wish"]["properties"]["count"]["description"] == "How many");
    CHECK(document["paths"]["/open"]["get"]["security"].empty());
    CHECK(document["paths"].contains("/things/{id}/files/{path}"));
}
