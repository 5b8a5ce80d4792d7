#include "catch.hpp"

#include "daemon/api/decode.hpp"
#include "daemon/api/schema.hpp"
#include "daemon/api/strict_json.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>

namespace {

enum class Colour { red, blue };
BOOST_DESCRIBE_ENUM(Colour, red, blue)

struct Inner {
    std::uint8_t small = 1;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (small))

struct Reserved {
    std::string template_;
};
BOOST_DESCRIBE_STRUCT(Reserved, (), (template_))

constexpr auto fields_of(const Reserved* /*type*/)
{
    return std::to_array<sbx::daemon::Field>({{.name = "template", .required = true, .max_length = 4}});
}

struct Sample {
    std::string name;
    std::optional<std::int32_t> count;
    bool flag = false;
    double ratio = 0;
    Colour colour = Colour::red;
    std::vector<Inner> inners;
    std::map<std::string, std::string> words;
    std::chrono::milliseconds time_ms{5};
};
BOOST_DESCRIBE_STRUCT(Sample, (), (name, count, flag, ratio, colour, inners, words, time_ms))

constexpr auto fields_of(const Sample* /*type*/)
{
    return std::to_array<sbx::daemon::Field>({
        {.name = "name", .required = true, .max_length = 4},
        {.name = "count", .minimum = 1, .maximum = 9},
        {.name = "inners", .max_length = 2},
        {.name = "time_ms", .minimum = 1},
    });
}

using sbx::daemon::Decoder;
using sbx::daemon::FieldError;
using sbx::daemon::Reading;

struct Outcome {
    Sample sample;
    std::vector<FieldError> errors;
};

Outcome read(const char* text, Reading reading = {}, bool texts = false)
{
    Decoder decoder(reading);
    Outcome outcome;
    {
        const nlohmann::json whole = nlohmann::json::parse(text);
        const Decoder::Inside inside(decoder, "body", whole);
        decoder.take_texts(texts);
        decoder.read(whole, outcome.sample);
    }
    outcome.errors = decoder.errors();
    return outcome;
}

/// `body.inners.0.small int_type`
std::string shown(const FieldError& error)
{
    std::string text;
    for (const auto& step : error.loc) {
        if (!text.empty()) text += '.';
        text += step.is_number() ? std::to_string(step.get<int>()) : step.get<std::string>();
    }
    return text + " " + error.type;
}

}  // namespace

TEST_CASE("a request of the right form is read, and what is absent keeps its default")
{
    const Outcome outcome =
        read(R"({"name": "x", "count": 3, "flag": true, "ratio": 0.5, "colour": "blue", "inners": [{"small": 7}],
                 "words": {"a": "b"}})");
    REQUIRE(outcome.errors.empty());
    CHECK(outcome.sample.name == "x");
    CHECK(outcome.sample.count == 3);
    CHECK(outcome.sample.flag);
    CHECK(outcome.sample.ratio == 0.5);
    CHECK(outcome.sample.colour == Colour::blue);
    CHECK(outcome.sample.inners.at(0).small == 7);
    CHECK(outcome.sample.words.at("a") == "b");
    CHECK(outcome.sample.time_ms.count() == 5);
}

TEST_CASE("every member that is wrong is named by its place and kind")
{
    const auto [text, place] = GENERATE(table<const char*, std::string>({
        {"{}", "body.name missing"},
        {R"({"name": 1})", "body.name string_type"},
        {R"({"name": "12345"})", "body.name string_too_long"},
        {R"({"name": "", "count": 0})", "body.count greater_than_equal"},
        {R"({"name": "", "count": 10})", "body.count less_than_equal"},
        {R"({"name": "", "count": "1"})", "body.count int_type"},
        {R"({"name": "", "count": 1.5})", "body.count int_type"},
        {R"({"name": "", "count": 99999999999})", "body.count int_parsing_size"},
        {R"({"name": "", "flag": 1})", "body.flag bool_type"},
        {R"({"name": "", "ratio": "1"})", "body.ratio float_type"},
        {R"({"name": "", "colour": "green"})", "body.colour enum"},
        {R"({"name": "", "inners": [{"small": 1}, {"small": 256}]})", "body.inners.1.small int_parsing_size"},
        {R"({"name": "", "inners": [{"small": -1}]})", "body.inners.0.small int_parsing_size"},
        {R"({"name": "", "inners": [{}, {}, {}]})", "body.inners too_long"},
        {R"({"name": "", "inners": {}})", "body.inners list_type"},
        {R"({"name": "", "words": []})", "body.words dict_type"},
        {R"({"name": "", "words": {"a": 1}})", "body.words.a string_type"},
        {R"({"name": "", "time_ms": 0})", "body.time_ms greater_than_equal"},
        {R"({"name": "", "more": 1})", "body.more extra_forbidden"},
        {R"([])", "body model_attributes_type"},
    }));
    const Outcome outcome = read(text);
    REQUIRE(outcome.errors.size() == 1);
    CHECK(shown(outcome.errors.front()) == place);
}

TEST_CASE("all that is wrong is told at once")
{
    const Outcome outcome = read(R"({"count": 0, "more": 1})");
    CHECK(outcome.errors.size() == 3);
}

TEST_CASE("unknown members can be ignored")
{
    CHECK(read(R"({"name": "", "more": 1})", Reading{.refuses_unknown = false}).errors.empty());
}

TEST_CASE("the texts of a query are read as numbers and truths")
{
    const Outcome outcome = read(R"({"name": "x", "count": "3", "flag": "true", "ratio": "0.5"})", Reading{}, true);
    REQUIRE(outcome.errors.empty());
    CHECK(outcome.sample.count == 3);
    CHECK(outcome.sample.flag);
    const Outcome wrong = read(R"({"name": "x", "count": "3x", "flag": "maybe"})", Reading{}, true);
    REQUIRE(wrong.errors.size() == 2);
    CHECK(shown(wrong.errors.at(0)) == "body.count int_parsing");
    CHECK(shown(wrong.errors.at(1)) == "body.flag bool_parsing");
}

TEST_CASE("texts and numbers become each other where a dialect is lax")
{
    const auto [text, wrong] = GENERATE(table<const char*, std::string>({
        {R"({"name": "", "count": "5", "flag": "Yes", "ratio": " 0.5 "})", ""},
        {R"({"name": "", "count": 5.0, "flag": 1, "ratio": 1})", ""},
        {R"({"name": "", "count": "+5", "flag": "t"})", ""},
        {R"({"name": "", "count": true, "flag": 0.0, "ratio": true})", ""},
        {R"({"name": "", "count": 5.5})", "body.count int_from_float"},
        {R"({"name": "", "count": "five"})", "body.count int_parsing"},
        {R"({"name": "", "count": "99"})", "body.count less_than_equal"},
        {R"({"name": "", "count": 1e300})", "body.count int_parsing_size"},
        {R"({"name": "", "flag": "maybe"})", "body.flag bool_parsing"},
        {R"({"name": "", "flag": 2})", "body.flag bool_parsing"},
        {R"({"name": "", "flag": []})", "body.flag bool_type"},
        {R"({"name": "", "ratio": "x"})", "body.ratio float_parsing"},
        {R"({"name": 1})", "body.name string_type"},
    }));
    const Outcome outcome = read(text, Reading{.is_lax = true});
    REQUIRE(outcome.errors.size() == (wrong.empty() ? 0 : 1));
    if (!wrong.empty()) CHECK(shown(outcome.errors.front()) == wrong);
}

TEST_CASE("what was found stands beside what is wrong, and the figures that the words speak of")
{
    const Outcome outcome = read(R"({"count": 10, "colour": "green", "inners": [{}, {}, {}]})");
    REQUIRE(outcome.errors.size() == 4);
    CHECK(outcome.errors[0].input.contains("count"));
    CHECK(outcome.errors[1].input == 10);
    CHECK(outcome.errors[1].ctx == nlohmann::json{{"le", 9}});
    CHECK(outcome.errors[2].input == "green");
    CHECK(outcome.errors[2].msg == "Input should be 'red' or 'blue'");
    CHECK(outcome.errors[2].ctx == nlohmann::json{{"expected", "'red' or 'blue'"}});
    CHECK(outcome.errors[3].msg == "List should have at most 2 items after validation, not 3");
}

TEST_CASE("null says nothing where a dialect is forgiving, but for what is required")
{
    const Outcome outcome = read(R"({"name": null, "flag": null, "inners": null})", Reading{.is_forgiving = true});
    REQUIRE(outcome.errors.size() == 1);
    CHECK(shown(outcome.errors.front()) == "body.name string_type");
}

TEST_CASE("JSON that is within bounds is taken as it stands")
{
    const auto document = sbx::daemon::parse_strict_json(R"({"a": [1, -2, 0.5, true, null, "ü"], "b": {"a": {}}})");
    REQUIRE(document);
    CHECK(document->at("a").size() == 6);
}

TEST_CASE("JSON beyond the bounds is refused with its reason")
{
    std::string deep = std::string(33, '[') + std::string(33, ']');
    std::string wide = "[";
    for (int i = 0; i < 10'001; ++i) wide += "1,";
    wide += "1]";
    const auto [text, why] = GENERATE_COPY(table<std::string, std::string>({
        {deep, "deep"},
        {wide, "10000 values"},
        {R"({"a": 1, "b": {"a": 2}, "a": 3})", "'a' stands twice"},
        {"{\"a\": \"\xff\"}", "UTF-8"},
        {"{\"a\": 1e999}", "overflow"},
        {"{\"a\": NaN}", "literal"},
        {"{", "unexpected end"},
        {"{} {}", "end of input"},
        {"", "unexpected end"},
    }));
    const auto document = sbx::daemon::parse_strict_json(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == sbx::Errc::invalid_argument);
    CHECK_THAT(document.error().message, Catch::Matchers::Contains(why));
}

TEST_CASE("a member that is called like a word of C++ has its plain name in JSON")
{
    const auto read_one = [](const char* text) {
        Decoder decoder;
        Reserved value;
        decoder.read(nlohmann::json::parse(text), value);
        return std::pair(value.template_, decoder.errors().size());
    };
    CHECK(read_one(R"({"template": "web"})") == std::pair(std::string("web"), std::size_t{0}));
    CHECK(read_one(R"({"template": "longer"})").second == 1);
    CHECK(read_one(R"({"template_": "web"})").second == 2);  // unknown, and the other is missing
    sbx::daemon::Schemas schemas;
    schemas.of<Reserved>();
    CHECK(schemas.named()["Reserved"]["properties"].contains("template"));
    CHECK(schemas.named()["Reserved"]["required"][0] == "template");
    CHECK(sbx::daemon::json_of(Reserved{"web"}).dump() == R"({"template":"web"})");
}
