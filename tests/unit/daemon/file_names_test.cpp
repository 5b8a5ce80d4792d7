#include "daemon/interpreter/file_names.hpp"

#include "catch.hpp"

using namespace sbx::daemon;

TEST_CASE("a file may have any relative name")
{
    for (const char* name : {"a", "data.csv", "dir/a b.csv", "a/b/c/d/e/f/g/h/i/j", "Übersicht 数据.xlsx", "..a", "a..",
                             ".hidden", "\xE2\x80\xAEtxt.exe", "-rf", "*"})
        CHECK(is_file_name(name));
}

TEST_CASE("no name leads elsewhere or breaks what shows it")
{
    for (const std::string& name :
         {std::string(), std::string("/a"), std::string("a//b"), std::string("a/"), std::string("../a"),
          std::string("a/../b"), std::string("."), std::string("a/./b"), std::string("a\0b", 3), std::string("a\nb"),
          std::string("a\x7F"), std::string("\xFF"), std::string(257, 'a'), std::string("a/b/c/d/e/f/g/h/i/j/k")})
        CHECK_FALSE(is_file_name(name));
}

TEST_CASE("hidden files and caches are no results")
{
    for (const char* name : {"a", "dir/b.png", "a.b/c", "node_modules.txt"}) CHECK(is_result_name(name));
    for (const char* name :
         {".a", "dir/.b", ".dir/b", "__pycache__/a.pyc", "dir/__pycache__/a.pyc", "node_modules/x/y.js"})
        CHECK_FALSE(is_result_name(name));
}

TEST_CASE("an extension is the last one, and says what a file is")
{
    CHECK(extension_of("dir/data.tar.gz") == ".gz");
    CHECK(extension_of("dir.d/README").empty());
    CHECK(extension_of(".profile").empty());
    CHECK(extension_of("a.").size() == 1);
    CHECK(media_type_of("dir/data.CSV") == "text/csv");
    CHECK(media_type_of("plot_1.png") == "image/png");
    CHECK(media_type_of("program") == "application/octet-stream");
}
