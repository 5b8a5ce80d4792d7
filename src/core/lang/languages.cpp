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
        .run_file = "python3 {file}",
        .run_code = "python3 -c {code}",
        .run_stdin = "python3 -",
        .preload = "PYTHONPATH=/.sbx/python python3 {placeholder}",
        .kernel = "python3 /.sbx/kernel.py",
        .version = "python3 --version",
        .official_image = "python:3.13-slim",
    },
    Language{
        .name = "javascript",
        .aliases = "js node nodejs mjs cjs",
        .extensions = "js mjs cjs",
        .interpreters = "node nodejs",
        .file_name = "main.js",
        .run_file = "node {file}",
        .run_code = "node -e {code} --",
        .run_stdin = "node -",
        .preload = "node /.sbx/javascript/standby.cjs {placeholder}",
        .start_variables = "NODE_* LD_* LC_* LANG LANGUAGE HOME PATH ICU_* OPENSSL_* SSL_* UV_* MALLOC_* GLIBC_* TZDIR",
        .kernel = "node /.sbx/kernel.mjs",
        .version = "node --version",
        .official_image = "node:22-slim",
    },
    // A standing program checks the types (images/typescript); what it made runs under the names of its sources.
    Language{
        .name = "typescript",
        .aliases = "ts tsc",
        .extensions = "ts cts mts",
        .interpreters = "ts-node tsx",
        .file_name = "main.ts",
        .compile = "node --snapshot-blob /usr/local/lib/typescript/compile.blob {file} {program}",
        .run_file = "node --enable-source-maps --require /usr/local/lib/typescript/run.cjs {file}",
        .kernel = "node /.sbx/kernel.mjs --typescript",
        .version = "tsc --version",
    },
    Language{
        .name = "bash",
        .aliases = "sh shell",
        .extensions = "sh bash",
        .interpreters = "bash sh dash",
        .file_name = "main.sh",
        .run_file = "bash {file}",
        .run_code = "bash -c {code} bash",  // the last word is $0
        .run_stdin = "bash -s --",
        .kernel = "bash /.sbx/kernel.sh",
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
        .version = "gcc --version",
        .official_image = "gcc:14",
    },
    Language{
        .name = "cpp",
        .aliases = "c++ cxx cc g++ c++20",
        .extensions = "cpp cc cxx c++ C",
        .file_name = "main.cpp",
        .compile = "g++ -std=gnu++20 -O2 -o {program} -x c++ {file}",
        .run_file = "{program}",
        .version = "g++ --version",
        .official_image = "gcc:14",
    },
    // A class may have any name, whatever the file's (images/java). The heap may have most of what the sandbox has.
    Language{
        .name = "java",
        .aliases = "jdk openjdk",
        .extensions = "java",
        .interpreters = "java",
        .file_name = "Main.java",
        .compile = "java -XX:TieredStopAtLevel=1 -cp /usr/local/lib/java Compile {file} {program}",
        .run_file = "java -XX:MaxRAMPercentage=70 -jar {program}",
        .version = "java --version",
    },
    Language{
        .name = "go",
        .aliases = "golang",
        .extensions = "go",
        .interpreters = "gorun",
        .file_name = "main.go",
        .compile = "go build -o {program} {file}",
        .run_file = "{program}",
        .version = "go version",
        .official_image = "golang:1.23",
    },
    // A crate's name is made of the file's otherwise, which is not always fit for it. What is stripped is the standard
    // library's, 10 MB that a third of the time went into.
    Language{
        .name = "rust",
        .aliases = "rs rustc",
        .extensions = "rs",
        .interpreters = "rust-script",
        .file_name = "main.rs",
        .compile = "rustc --edition 2021 -O -C strip=debuginfo --crate-name main -o {program} {file}",
        .run_file = "{program}",
        .version = "rustc --version",
        .official_image = "rust:1-slim",
    },
    Language{
        .name = "ruby",
        .aliases = "rb",
        .extensions = "rb",
        .interpreters = "ruby",
        .file_name = "main.rb",
        .run_file = "ruby {file}",
        .run_code = "ruby -e {code} --",
        .run_stdin = "ruby -",
        .kernel = "ruby /.sbx/kernel.rb",
        .version = "ruby --version",
        .official_image = "ruby:3.3-slim",
    },
    // Code is what a file would hold, `<?php` included, wherever it comes from.
    Language{
        .name = "php",
        .aliases = "php8",
        .extensions = "php",
        .interpreters = "php",
        .file_name = "main.php",
        .run_file = "php {file}",
        .run_stdin = "php --",
        .kernel = "php /.sbx/kernel.php",
        .version = "php --version",
        .official_image = "php:8.3-cli",
    },
    Language{
        .name = "perl",
        .aliases = "pl perl5",
        .extensions = "pl pm",
        .interpreters = "perl",
        .file_name = "main.pl",
        .run_file = "perl {file}",
        .run_code = "perl -e {code} --",
        .run_stdin = "perl -",
        .version = "perl --version",
        .official_image = "perl:5-slim",
    },
    Language{
        .name = "lua",
        .aliases = "lua5.4",
        .extensions = "lua",
        .interpreters = "lua",
        .file_name = "main.lua",
        .run_file = "lua {file}",
        .run_stdin = "lua -",
        // Lua heeds SIGINT once at most, so its kernel looks for it itself.
        .kernel = "env --block-signal=INT lua /.sbx/kernel.lua",
        .version = "lua -v",
    },
    Language{
        .name = "r",
        .aliases = "rscript rlang",
        .extensions = "r",
        .interpreters = "Rscript",
        .file_name = "main.R",
        .run_file = "Rscript {file}",
        .kernel = "Rscript /.sbx/kernel.R",
        .version = "Rscript --version",
        .official_image = "r-base:4.4.2",
    },
    // -i: what it imports is compiled too. Without -O, which makes a compilation several times as long.
    Language{
        .name = "d",
        .aliases = "dlang ldc ldc2",
        .extensions = "d",
        .interpreters = "rdmd ldc2",
        .file_name = "main.d",
        .compile = "ldc2 -i --of {program} {file}",
        .run_file = "{program}",
        .version = "ldc2 --version",
    },
    // Its extension says how a source is laid out, so the compiler is not told the language. -J: where modules go.
    Language{
        .name = "fortran",
        .aliases = "f77 f90 f95 f03 f08 gfortran",
        .extensions = "f90 f95 f03 f08 f for f77",
        .file_name = "main.f90",
        .compile = "gfortran -O2 -J /tmp -o {program} {file}",
        .run_file = "{program}",
        .version = "gfortran --version",
        .official_image = "gcc:14",
    },
    Language{
        .name = "haskell",
        .aliases = "hs ghc",
        .extensions = "hs",
        .interpreters = "runghc runhaskell",
        .file_name = "main.hs",
        .compile = "ghc -v0 -O -outputdir /tmp/.ghc -o {program} {file}",
        .run_file = "{program}",
        .version = "ghc --version",
        .official_image = "haskell:9-slim",
    },
    // C# does not import files: what is beside the file belongs to the program. Its name has to have an extension.
    Language{
        .name = "csharp",
        .aliases = "c# cs mono mcs",
        .extensions = "cs",
        .interpreters = "mono csharp",
        .file_name = "main.cs",
        .compile = "mcs -out:/tmp/.sbx-program.exe -recurse:*.cs",
        .run_file = "mono /tmp/.sbx-program.exe",
        .version = "mcs --version",
        .official_image = "mono:6",
    },
    // The program of either wants an extension; the library, which makes it run, is nothing its jar can name. Kotlin
    // does not import files: what is beside the file belongs to the program.
    Language{
        .name = "kotlin",
        .aliases = "kt kotlinc",
        .extensions = "kt",
        .interpreters = "kotlin",
        .file_name = "main.kt",
        .compile = "java @/usr/local/lib/kotlin/compile -d /tmp/.sbx-program.jar .",
        .run_file = "java -Xbootclasspath/a:/usr/share/java/kotlin-stdlib.jar -XX:MaxRAMPercentage=70 "
                    "-jar /tmp/.sbx-program.jar",
        .version = "kotlinc -version",
    },
    Language{
        .name = "scala",
        .aliases = "sc scalac",
        .extensions = "scala",
        .interpreters = "scala",
        .file_name = "Main.scala",
        .compile = "java @/usr/local/lib/scala/compile -d /tmp/.sbx-program.jar {file}",
        .run_file = "java -Xbootclasspath/a:/usr/share/java/scala-library.jar -XX:MaxRAMPercentage=70 "
                    "-jar /tmp/.sbx-program.jar",
        .version = "scala -version",
    },
    // .exit: standard input is the script's to read, and what follows is left alone.
    Language{
        .name = "sqlite",
        .aliases = "sql sqlite3",
        .extensions = "sql",
        .interpreters = "sqlite3",
        .file_name = "main.sql",
        .run_file = "sqlite3 -bail -init {file} :memory: .exit",
        .version = "sqlite3 --version",
    },
};

}  // namespace

std::span<const Language> languages()
{
    return table;
}

}  // namespace sbx
