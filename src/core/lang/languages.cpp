#include "sbx/language.hpp"

#include <array>

namespace sbx {
namespace {

constexpr std::array table{
    Language{
        .name = "python",
        .aliases = "py python3",
        .extensions = "py pyw",
        .interpreters = "python",
        .file_name = "main.py",
        .compile = "",
        .run_file = "python3 {file}",
        .run_code = "python3 -c {code}",
        .run_stdin = "python3 -",
        .preload = "PYTHONPATH=/.sbx/python python3 {placeholder}",
        .start_variables = "",
        .version = "python3 --version",
        .official_image = "python:3.13-slim",
    },
    Language{
        .name = "javascript",
        .aliases = "js node nodejs mjs cjs",
        .extensions = "js mjs cjs",
        .interpreters = "node nodejs",
        .file_name = "main.js",
        .compile = "",
        .run_file = "node {file}",
        .run_code = "node -e {code} --",
        .run_stdin = "node -",
        .preload = "node /.sbx/javascript/standby.cjs {placeholder}",
        .start_variables = "NODE_* LD_* LC_* LANG LANGUAGE HOME PATH ICU_* OPENSSL_* SSL_* UV_* MALLOC_* GLIBC_* TZDIR",
        .version = "node --version",
        .official_image = "node:22-slim",
    },
    Language{
        .name = "bash",
        .aliases = "sh shell",
        .extensions = "sh bash",
        .interpreters = "bash sh dash",
        .file_name = "main.sh",
        .compile = "",
        .run_file = "bash {file}",
        .run_code = "bash -c {code} bash",  // the last word is $0
        .run_stdin = "bash -s --",
        .preload = "",
        .start_variables = "",
        .version = "bash --version",
        .official_image = "debian:bookworm-slim",
    },
    // -x: a script's language is what --lang says, whatever its extension.
    Language{
        .name = "c",
        .aliases = "c11 c17 gcc",
        .extensions = "c",
        .interpreters = "tcc",
        .file_name = "main.c",
        .compile = "gcc -O2 -o {program} -x c {file} -x none -lm",
        .run_file = "{program}",
        .run_code = "",
        .run_stdin = "",
        .preload = "",
        .start_variables = "",
        .version = "gcc --version",
        .official_image = "gcc:14",
    },
    Language{
        .name = "cpp",
        .aliases = "c++ cxx cc g++ c++20",
        .extensions = "cpp cc cxx c++ C",
        .interpreters = "",
        .file_name = "main.cpp",
        .compile = "g++ -std=gnu++20 -O2 -o {program} -x c++ {file}",
        .run_file = "{program}",
        .run_code = "",
        .run_stdin = "",
        .preload = "",
        .start_variables = "",
        .version = "g++ --version",
        .official_image = "gcc:14",
    },
};

}  // namespace

std::span<const Language> languages()
{
    return table;
}

}  // namespace sbx
