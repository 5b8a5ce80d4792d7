#pragma once

#include "cli/app.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace test {

struct Output {
    int exit_code = 0;
    std::string out;
    std::string err;
};

inline std::string content(std::FILE* file)
{
    std::string text;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

/// What one command line of a program called `name` does.
inline Output run_command(const std::vector<std::string>& arguments, const std::string& name = "sbx")
{
    Output output;
    std::FILE* out = std::tmpfile();
    std::FILE* err = std::tmpfile();
    sbx::cli::Context context(name, out, err, [](std::string_view) { return std::optional<std::string>(); });
    sbx::cli::run_app(context, arguments);
    context.finish();
    output.exit_code = context.exit_code;
    output.out = content(out);
    output.err = content(err);
    return output;
}

}  // namespace test
