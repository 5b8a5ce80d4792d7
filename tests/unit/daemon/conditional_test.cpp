#include "catch.hpp"
#include "fake_exchange.hpp"

#include "daemon/api/conditional.hpp"
#include "daemon/api/routes.hpp"

#include <array>

namespace conditional_sample {

struct Change {
    std::string to;
};
BOOST_DESCRIBE_STRUCT(Change, (), (to))

constexpr auto fields_of(const Change* /*type*/)
{
    return std::to_array<sbx::daemon::Field>({{.name = "to", .required = true}});
}

struct Shown {
    std::string is;
};
BOOST_DESCRIBE_STRUCT(Shown, (), (is))

}  // namespace conditional_sample

namespace {

using namespace sbx::daemon;
using conditional_sample::Change;
using conditional_sample::Shown;

class Anybody : public Access {
   public:
    sbx::asio::awaitable<sbx::Result<Caller>> identify(const RequestHead& /*head*/) override { co_return Caller{}; }
};

/// One thing that can be shown and changed.
struct Thing {
    Thing() : router(anybody, std::make_shared<NativeErrors>())
    {
        Routes routes(std::make_shared<NativeErrors>(), Reading{});
        Route& get = routes.add<Nothing, Shown>(http::verb::get, "/thing", {.summary = "show", .tag = "thing"},
                                                [this](Call&, Nothing) { return show(); });
        make_tagged(get);
        Route& change = routes.add<Change, Shown>(http::verb::post, "/thing", {.summary = "change", .tag = "thing"},
                                                  [this](Call&, Change wanted) { return set(std::move(wanted.to)); });
        make_tagged(change);
        conditions.tag = [this](Call&, const nlohmann::json&) { return tag_of_what_is_there(); };
        conditions.name = [](const Call&, const nlohmann::json&) { return std::string("thing"); };
        make_conditional(change, conditions);
        router.add(routes.all());
    }

    sbx::asio::awaitable<sbx::Result<Shown>> show() { co_return Shown{is}; }
    sbx::asio::awaitable<sbx::Result<Shown>> set(std::string to)
    {
        ++changes;
        is = std::move(to);
        co_return Shown{is};
    }
    sbx::asio::awaitable<sbx::Result<std::optional<std::string>>> tag_of_what_is_there()
    {
        if (is.empty()) co_return sbx::Error(sbx::Errc::not_found, "gone");
        co_return std::optional(entity_tag_of(R"({"is":")" + is + R"("})"));
    }

    Response ask(http::verb method, http::field field, const std::string& value, const std::string& body = "")
    {
        Target target;
        target.path = "/thing";
        target.segments = {"thing"};
        test::FakeExchange exchange(io, method, std::move(target), body);
        if (!value.empty()) exchange.change_head().fields.set(field, value);
        return test::answer_of(io, router, exchange);
    }
    Response get(const std::string& unwanted = "")
    {
        return ask(http::verb::get, http::field::if_none_match, unwanted);
    }
    Response change(const std::string& wanted, const std::string& body)
    {
        return ask(http::verb::post, http::field::if_match, wanted, body);
    }

    boost::asio::io_context io{1};
    Anybody anybody;
    Router router;
    Conditions conditions;
    std::string is = "red";
    int changes = 0;
};

std::string tag_in(const Response& response)
{
    for (const auto& [name, value] : response.headers)
        if (name == "ETag") return value;
    return "";
}

}  // namespace

TEST_CASE("an answer has the tag of its bytes, and is not sent to whoever has it")
{
    Thing thing;
    const Response first = thing.get();
    CHECK(first.status == 200);
    CHECK(tag_in(first) == entity_tag_of(first.body));
    const Response again = thing.get(tag_in(first));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(tag_in(again) == tag_in(first));
    thing.is = "blue";
    CHECK(thing.get(tag_in(first)).status == 200);
}

TEST_CASE("something is changed only as its client knows it")
{
    Thing thing;
    const std::string red = tag_in(thing.get());
    const Response changed = thing.change(red, R"({"to":"blue"})");
    CHECK(changed.status == 200);
    CHECK(tag_in(changed) == tag_in(thing.get()));
    CHECK(thing.change(red, R"({"to":"green"})").status == 412);
    CHECK(thing.is == "blue");
    CHECK(thing.change("", R"({"to":"green"})").status == 200);
    CHECK(thing.conditions.claims->empty());
}

TEST_CASE("a request that is wrong in itself is told that first")
{
    Thing thing;
    CHECK(thing.change(R"("other")", R"({"to":1})").status == 400);
    CHECK(thing.change(R"("other")", "{}").status == 400);
    CHECK(thing.changes == 0);
}

TEST_CASE("where the tag cannot be told the route itself answers")
{
    Thing thing;
    thing.is = "";
    CHECK(thing.change(R"("other")", R"({"to":"blue"})").status == 200);
}

TEST_CASE("of two who change the same under a precondition the second is refused")
{
    Thing thing;
    const std::string red = tag_in(thing.get());
    thing.conditions.claims->insert("thing");  // what the first one holds
    const Response refused = thing.change(red, R"({"to":"blue"})");
    CHECK(refused.status == 409);
    CHECK(thing.change("", R"({"to":"green"})").status == 200);
    CHECK(thing.conditions.claims->size() == 1);
}
