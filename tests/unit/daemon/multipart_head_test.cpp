#include "catch.hpp"

#include "daemon/http/multipart_head.hpp"

using namespace sbx;
using namespace sbx::daemon;

namespace {

/// The head of a part whose disposition has these parameters.
std::string head_with(const std::string& parameters)
{
    return "Content-Disposition: form-data" + parameters + "\r\n";
}

/// The name of the file that a part with these parameters holds.
std::string file_name(const std::string& parameters)
{
    const Result<MultipartPart> part = read_part_head(head_with("; name=\"file\"" + parameters));
    CAPTURE(parameters);
    REQUIRE(part);
    REQUIRE(part->file_name);
    CHECK(part->name == "file");
    return *part->file_name;
}

}  // namespace

TEST_CASE("a boundary is taken out of a content type")
{
    const auto [content_type, boundary] = GENERATE(table<std::string, std::string>(
        {{"multipart/form-data; boundary=abc", "abc"},
         {"Multipart/Form-Data;BOUNDARY=abc", "abc"},
         {" multipart/form-data ; charset=utf-8 ; boundary = abc ; x=y;", "abc"},
         {"multipart/form-data; boundary=\"a b'()+_,-./:=?c\"", "a b'()+_,-./:=?c"},
         {"multipart/form-data; boundary=----=_Part_1_2.3", "----=_Part_1_2.3"},
         {"multipart/form-data; boundary=--------------------------123456789012345678901234",
          "--------------------------123456789012345678901234"},
         {"multipart/form-data; boundary=" + std::string(70, 'x'), std::string(70, 'x')}}));
    const Result<std::string> found = boundary_of(content_type);
    REQUIRE(found);
    CHECK(*found == boundary);
}

TEST_CASE("what is no form with a sound boundary is refused")
{
    const std::string content_type = GENERATE(
        as<std::string>(), "", "application/json", "multipart/mixed; boundary=a", "multipart/form-data-x; boundary=a",
        "multipart/form-data", "multipart/form-data; boundary",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a\"b",
        "multipart/form-data; boundary=\"a\"b", "multipart/form-data; boundary=a@b",
        "multipart/form-data; boundary=\"a\\\\b\"", "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\xc3\xa9", "multipart/form-data boundary=a", "boundary=a",
        "multipart/form-data; boundary=a\tb", "multipart/form-data; =a", "multipart/form-data; boundary=a; x y=z",
        "multipart/form-data; boundary=" + std::string(71, 'x'), std::string("multipart/form-data; boundary=a\0b", 33),
        "multipart/form-data; boundary=a\r\nb", "multipart/form-data, multipart/form-data; boundary=a");
    CAPTURE(content_type);
    const Result<std::string> found = boundary_of(content_type);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::invalid_argument);
}

TEST_CASE("a part's head says its name, its file's name and its type")
{
    const Result<MultipartPart> part = read_part_head(
        "content-TYPE:  text/csv; charset=utf-8 \r\nX-Other: \xff;=\r\nCONTENT-disposition:FORM-DATA ; Name=file; "
        "FileName=\"a.csv\" ; size=3\r\nContent-Transfer-Encoding: Binary\r\n");
    REQUIRE(part);
    CHECK(part->name == "file");
    CHECK(part->file_name == "a.csv");
    CHECK(part->content_type == "text/csv; charset=utf-8");
}

TEST_CASE("a part without a file's name is a field")
{
    const Result<MultipartPart> part = read_part_head(head_with("; name=\"entity_id\""));
    REQUIRE(part);
    CHECK(*part == MultipartPart{.name = "entity_id"});
}

TEST_CASE("an empty name is a name")
{
    CHECK(file_name("; filename=\"\"").empty());
    const Result<MultipartPart> part = read_part_head(head_with("; name=\"\""));
    REQUIRE(part);
    CHECK(part->name.empty());
}

TEST_CASE("the name of a file is what was sent, with its folders")
{
    const std::string name =
        GENERATE(as<std::string>(), "skill/scripts/a.py", "rapport d'été.csv", "数据/表.csv",
                 "a\xe2\x80\xae"
                 "fdp.exe",
                 "../../etc/passwd", "/etc/passwd", "C:\\dir\\file.txt", "a;b=c; filename=d", " a ", "100%",
                 "100%0d.txt", "%2e%2e%2f", "a'b", std::string("a\0b\x01", 4), "😀", "a\tb");
    CHECK(file_name("; filename=\"" + name + "\"") == name);
}

TEST_CASE("quotes in names are understood however they were escaped, or not at all")
{
    const auto [sent, name] = GENERATE(table<std::string, std::string>({{"a%22b", "a\"b"},
                                                                        {"a%0D%0Ab", "a\r\nb"},
                                                                        {"%22", "\""},
                                                                        {"a\\\"b", "a\"b"},
                                                                        {"a\\\\b", "a\\b"},
                                                                        {"a\\\\", "a\\"},
                                                                        {"\\\"; name=\\\"x", "\"; name=\"x"},
                                                                        {"a\"b", "a\"b"},
                                                                        {"\"a\" b", "\"a\" b"},
                                                                        {"a\\nb", "a\\nb"}}));
    CHECK(file_name("; filename=\"" + sent + "\"") == name);
}

TEST_CASE("names that are not quoted are taken as they are")
{
    CHECK(file_name("; filename=a/b.txt; x=y") == "a/b.txt");
    CHECK(file_name("; filename=a%22b") == "a%22b");
    CHECK(file_name("; filename=").empty());
}

TEST_CASE("a name in percent signs counts more than a plain one, before it or after it")
{
    const std::string extended = "; filename*=UTF-8''dir%2F%e2%82%AC.txt";
    CHECK(file_name(extended) == "dir/€.txt");
    CHECK(file_name("; filename=\"a.txt\"" + extended) == "dir/€.txt");
    CHECK(file_name(extended + "; filename=\"a.txt\"") == "dir/€.txt");
    CHECK(file_name("; filename*=utf-8'en'a%00b") == std::string("a\0b", 3));
    CHECK(file_name("; filename*=UTF-8''").empty());
}

TEST_CASE("a malformed disposition is refused")
{
    const std::string disposition = GENERATE(
        as<std::string>(), "", "form-data", "attachment; name=\"a\"", "form-datax; name=\"a\"",
        "form-data; filename=\"a\"", "form-data; name", "form-data; name=\"a", "form-data; name=\"a\\\"",
        "form-data; name=\"a\"; name=\"b\"", "form-data; name=\"a\"; filename=\"b\"; FILENAME=\"c\"",
        "form-data; name=\"a\"; filename*=UTF-8''b; filename*=UTF-8''c", "form-data; name=\"\xff\"",
        "form-data; name=\"a\"; filename=\"\xc3\"", "form-data; name=\"a\"; filename=\"\xed\xa0\x80\"",
        "form-data; name=\"a\"; filename=\xff", "form-data; name=\"a\"; filename=\"b\xc0\xaf\"; filename*=UTF-8''c",
        "form-data; name=\"a\"; filename*=b", "form-data; name=\"a\"; filename*=UTF-8'b",
        "form-data; name=\"a\"; filename*=''b", "form-data; name=\"a\"; filename*=ISO-8859-1''%e9",
        "form-data; name=\"a\"; filename*=UTF-8''%", "form-data; name=\"a\"; filename*=UTF-8''%4",
        "form-data; name=\"a\"; filename*=UTF-8''%4g", "form-data; name=\"a\"; filename*=UTF-8''%ff",
        "form-data; name=\"a\"; filename*=UTF-8''\xff", "form-data; na me=\"a\"", "form-data; name=\"a\"; =b",
        "form-data; name=\"a\"; ;", "form-data name=\"a\"");
    CAPTURE(disposition);
    const Result<MultipartPart> part = read_part_head("Content-Disposition: " + disposition + "\r\n");
    REQUIRE_FALSE(part);
    CHECK(part.error().code == Errc::invalid_argument);
}

TEST_CASE("a malformed head of a part is refused")
{
    const std::string disposition = head_with("; name=\"a\"");
    const std::string head =
        GENERATE_COPY(as<std::string>(), "", "Content-Type: text/plain\r\n", disposition + disposition,
                      disposition + "Content-Type: a\r\nContent-type: b\r\n", disposition + "no field\r\n",
                      disposition + ": x\r\n", disposition + "A : x\r\n", disposition + "X: a\r\n folded\r\n",
                      "\r\n" + disposition, disposition + "Content-Transfer-Encoding: base64\r\n",
                      disposition + "Content-Transfer-Encoding: quoted-printable\r\n",
                      disposition + std::string("A\0: x\r\n", 7), disposition + "\xc3\xa9: x\r\n");
    CAPTURE(head);
    const Result<MultipartPart> part = read_part_head(head);
    REQUIRE_FALSE(part);
    CHECK(part.error().code == Errc::invalid_argument);
}
