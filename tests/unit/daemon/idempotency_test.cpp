#include "catch.hpp"
#include "fake_exchange.hpp"

#include "daemon/api/router.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/idempotency/idempotency_key.hpp"
#include "daemon/idempotency/idempotent_endpoint.hpp"

#include <array>

namespace idempotency_sample {

struct Order {
    std::string what;
};
BOOST_DESCRIBE_STRUCT(Order, (), (what))

struct Done {
    std::string what;
    int times = 0;
};
BOOST_DESCRIBE_STRUCT(Done, (), (what, times))

}  // namespace idempotency_sample

namespace {

using namespace sbx::daemon;
using namespace std::chrono_literals;
using idempotency_sample::Done;
using idempotency_sample::Order;
using State = IdempotentAnswers::State;
using Name = IdempotentAnswers::Name;

const IdempotentAnswers::TimePoint start{1h};

http::fields shown(const std::vector<std::string>& keys)
{
    http::fields fields;
    for (const std::string& key : keys) fields.insert(idempotency_key_field, key);
    return fields;
}

Response answer_of(std::size_t bytes)
{
    return Response(201, std::string(bytes, 'x'));
}

class Anybody : public Access {
   public:
    sbx::asio::awaitable<sbx::Result<Caller>> identify(const RequestHead& head) override
    {
        Caller caller;
        caller.key = std::string(head.fields["X-API-Key"]);
        co_return caller;
    }
};

/// One route that counts how often it was served.
struct Shop {
    Shop() : router(anybody, std::make_shared<NativeErrors>())
    {
        Routes routes(std::make_shared<NativeErrors>(), Reading{});
        Route& route =
            routes.add<Order, Done>(http::verb::post, "/orders", {.summary = "make", .tag = "orders"},
                                    [this](Call& call, Order order) { return make(call, std::move(order)); });
        make_idempotent(route, answers);
        router.add(routes.all());
    }

    sbx::asio::awaitable<sbx::Result<Done>> make(Call& call, Order order)
    {
        ++times;
        call.headers.emplace_back("Location", "/orders/1");
        if (order.what == "busy") co_return sbx::Error(sbx::Errc::resource_exhausted, "later");
        Done done;
        done.what = order.what;
        done.times = times;
        co_return done;
    }

    Response order(const std::string& body, const std::string& key, const std::string& who = "a")
    {
        Target target;
        target.path = "/orders";
        target.segments = {"orders"};
        test::FakeExchange exchange(io, http::verb::post, std::move(target), body);
        exchange.change_head().fields.set("X-API-Key", who);
        if (!key.empty()) exchange.change_head().fields.set(idempotency_key_field, key);
        return test::answer_of(io, router, exchange);
    }

    boost::asio::io_context io{1};
    Anybody anybody;
    Router router;
    IdempotentAnswers answers{IdempotencyBounds{}};
    int times = 0;
};

std::string header(const Response& response, std::string_view name)
{
    for (const auto& [each, value] : response.headers)
        if (each == name) return value;
    return "";
}

}  // namespace

TEST_CASE("an idempotency key is quoted or bare, of printable ASCII")
{
    CHECK(**idempotency_key(shown({R"("8e03978e-40d5")"})) == "8e03978e-40d5");
    CHECK(**idempotency_key(shown({"8e03978e-40d5"})) == "8e03978e-40d5");
    CHECK(**idempotency_key(shown({R"("a\"b\\c")"})) == R"(a"b\c)");
    CHECK(**idempotency_key(shown({std::string(255, 'k')})) == std::string(255, 'k'));
    CHECK_FALSE(idempotency_key(shown({}))->has_value());
    for (const auto& wrong : std::vector<std::vector<std::string>>{
             {""}, {R"("")"}, {R"("open)"}, {R"("a"b)"}, {R"("a\)"}, {"a", "b"}, {std::string(256, 'k')}, {"\xC3\xA9"}})
        CHECK_FALSE(idempotency_key(shown(wrong)));
}

TEST_CASE("a key has its answer for as long as answers are kept")
{
    IdempotentAnswers answers(IdempotencyBounds{});
    const Name name{"a", "1"};
    CHECK(answers.begin(name, sbx::digest_of("x"), start).state == State::begun);
    CHECK(answers.begin(name, sbx::digest_of("x"), start).state == State::under_way);
    CHECK(answers.begin(name, sbx::digest_of("y"), start).state == State::other_request);
    answers.keep(name, answer_of(10), start);
    const auto found = answers.begin(name, sbx::digest_of("x"), start + 23h);
    REQUIRE(found.state == State::kept);
    CHECK(found.answer->status == 201);
    CHECK(answers.begin({"b", "1"}, sbx::digest_of("x"), start).state == State::begun);
    CHECK(answers.begin(name, sbx::digest_of("y"), start + 24h).state == State::begun);
}

TEST_CASE("what was dropped may begin again, what was kept may not")
{
    IdempotentAnswers answers(IdempotencyBounds{});
    const Name name{"a", "1"};
    CHECK(answers.begin(name, sbx::digest_of("x"), start).state == State::begun);
    answers.drop(name);
    CHECK(answers.count() == 0);
    CHECK(answers.begin(name, sbx::digest_of("y"), start).state == State::begun);
    answers.keep(name, answer_of(1), start);
    answers.drop(name);
    CHECK(answers.begin(name, sbx::digest_of("y"), start).state == State::kept);
}

TEST_CASE("an owner's oldest answers make room for his new ones, what is under way does not")
{
    IdempotentAnswers answers(IdempotencyBounds{.per_owner = 2});
    CHECK(answers.begin({"a", "1"}, {}, start).state == State::begun);
    CHECK(answers.begin({"a", "2"}, {}, start).state == State::begun);
    CHECK(answers.begin({"a", "3"}, {}, start).state == State::full);
    CHECK(answers.begin({"b", "1"}, {}, start).state == State::begun);
    answers.keep({"a", "1"}, answer_of(1), start);
    CHECK(answers.begin({"a", "3"}, {}, start).state == State::begun);
    CHECK(answers.begin({"a", "2"}, {}, start).state == State::under_way);
    CHECK(answers.begin({"a", "1"}, {}, start).state == State::full);
    CHECK(answers.count() == 3);
}

TEST_CASE("bytes are bounded for an owner and for all, and who has most gives way")
{
    IdempotentAnswers answers(IdempotencyBounds{.bytes_per_owner = 4000, .total_bytes = 6000, .answer_bytes = 2000});
    CHECK(answers.fits(answer_of(1000)));
    CHECK_FALSE(answers.fits(answer_of(2000)));
    const auto put = [&](const Name& name) {
        CHECK(answers.begin(name, {}, start).state == State::begun);
        answers.keep(name, answer_of(1200), start);
    };
    put({"a", "1"});
    put({"a", "2"});
    put({"a", "3"});  // the first one goes
    CHECK(answers.bytes() <= 4000);
    put({"b", "1"});
    put({"c", "1"});  // one more of a goes, though none of his is the newest
    CHECK(answers.bytes() <= 6000);
    CHECK(answers.begin({"b", "1"}, {}, start).state == State::kept);
    CHECK(answers.begin({"a", "3"}, {}, start).state == State::kept);
    CHECK(answers.begin({"a", "2"}, {}, start).state == State::begun);
}

TEST_CASE("the same request with the same key is served once")
{
    Shop shop;
    const Response first = shop.order(R"({"what": "tea"})", "1");
    const Response again = shop.order(R"({"what": "tea"})", R"("1")");
    CHECK(first.status == 200);
    CHECK(again.body == first.body);
    CHECK(header(again, "Location") == "/orders/1");
    CHECK(header(first, "Idempotency-Replayed").empty());
    CHECK(header(again, "Idempotency-Replayed") == "true");
    CHECK(shop.times == 1);
    CHECK(shop.order(R"({"what": "tea"})", "1", "b").body != first.body);
    CHECK(shop.order(R"({"what": "tea"})", "").body != first.body);
    CHECK(shop.times == 3);
}

TEST_CASE("a key that belongs to another request is refused, and so is a malformed one")
{
    Shop shop;
    CHECK(shop.order(R"({"what": "tea"})", "1").status == 200);
    CHECK(shop.order(R"({"what": "milk"})", "1").status == 422);
    CHECK(shop.order(R"({"what": "milk"})", R"("1)").status == 400);
    CHECK(shop.times == 1);
}

TEST_CASE("what was surely not done is tried again")
{
    Shop shop;
    CHECK(shop.order(R"({"what": "busy"})", "1").status == 429);
    CHECK(shop.order(R"({"what": "busy"})", "1").status == 429);
    CHECK(shop.order(R"({"colour": 1})", "2").status == 400);
    CHECK(shop.order(R"({"what": "tea"})", "2").status == 200);
    CHECK(shop.times == 3);
}
