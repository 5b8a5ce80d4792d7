#include "core/sandbox/collect.hpp"

#include "catch.hpp"

using namespace sbx;

TEST_CASE("an output pattern is a glob below the work directory, or a directory")
{
    const auto [pattern, path, expected] = GENERATE(table<const char*, const char*, bool>({
        {"a.txt", "a.txt", true},
        {"*.txt", "a.txt", true},
        {"*.txt", "sub/a.txt", false},
        {"sub/*.txt", "sub/a.txt", true},
        {"sub", "sub/deep/a.txt", true},
        {"s*", "sub/deep/a.txt", true},
        {"su", "sub/a.txt", false},
        {".", "sub/a.txt", true},
        {"**", "sub/a.txt", true},
        {"**/*.csv", "a.csv", true},
        {"**/*.csv", "sub/deep/a.csv", true},
        {"sub/**/*.csv", "other/a.csv", false},
        {"résumé.*", "résumé.pdf", true},
    }));
    CAPTURE(pattern, path);
    CHECK(matches(pattern, path) == expected);
}

TEST_CASE("a file is changed unless it is as it was sent")
{
    const Manifest sent{{"same", {3, 100}}, {"longer", {3, 100}}, {"touched", {3, 100}}};
    const std::vector<wire::Entry> found{{.path = "longer", .size_bytes = 4, .mtime_ns = 100},
                                         {.path = "new", .size_bytes = 1, .mtime_ns = 7},
                                         {.path = "same", .size_bytes = 3, .mtime_ns = 100},
                                         {.path = "touched", .size_bytes = 3, .mtime_ns = 101}};
    CHECK(changed_files(found, sent) == std::vector<ChangedFile>{{"longer", 4}, {"new", 1}, {"touched", 3}});
}
