#include "cli/documents.hpp"
#include "catch.hpp"
#include "cli/app.hpp"
#include "core/whole_file.hpp"

#include <cstdio>
#include <set>

namespace fs = std::filesystem;

namespace {

const fs::path source = SBX_SOURCE_DIR;

std::map<std::string, std::string> documents_of(const std::string& program)
{
    sbx::cli::Context context(program, stdout, stderr, [](std::string_view) { return std::optional<std::string>(); });
    return sbx::cli::documents(context);
}

}  // namespace

TEST_CASE("the checked-in manual pages and completions are those of the commands")
{
    const auto made = documents_of("sbx");
    for (const auto& [path, text] : made) {
        CAPTURE(path);
        INFO("build the target `documents` and copy man/ and completions/ from its directory");
        CHECK(sbx::read_whole_file(source / path) == text);
    }
    for (const char* directory : {"man", "completions"})
        for (const auto& entry : fs::directory_iterator(source / directory))
            CHECK(made.contains(std::string(directory) + "/" + entry.path().filename().string()));
}

TEST_CASE("every command has its page, with its flags, examples and exit codes")
{
    const auto made = documents_of("sbx");
    for (const sbx::cli::Command& command : sbx::cli::commands()) {
        CAPTURE(command.name);
        const auto page = made.find("man/sbx-" + std::string(command.name) + ".1");
        REQUIRE(page != made.end());
        for (const char* section : {".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXAMPLES", ".SH EXIT STATUS"})
            CHECK(page->second.find(section) != std::string::npos);
    }
}

TEST_CASE("under another name nothing says the first one where a user would type it")
{
    for (const auto& [path, text] : documents_of("sandbox")) {
        CAPTURE(path);
        CHECK(path.find("sbx") == std::string::npos);
        CHECK(text.find("sbx run") == std::string::npos);
        CHECK(text.find("complete -c sbx") == std::string::npos);
        CHECK(text.find(" _sbx") == std::string::npos);
    }
}
