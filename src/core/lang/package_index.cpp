#include "core/lang/package_index.hpp"

#include "core/lang/requirement.hpp"
#include "core/lang/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sbx {
namespace {

constexpr std::array table{
    // A virtual environment: programs of it find its interpreter first, and what the image has behind it.
    PackageIndex{
        .name = "PyPI",
        .languages = "python",
        .installer = "python.sh",
        .url = "https://pypi.org/simple",
        .hosts = "files.pythonhosted.org",
        .target = "/opt/sbx",
        .variables = "VIRTUAL_ENV=/opt/sbx PATH=/opt/sbx/bin:{PATH}",
        .project_files = "",
        .example = "numpy, 'pandas<3'",
        .is_requirement = is_python_requirement,
    },
    // A module is looked for in node_modules of each folder above the program's, whichever way it is imported.
    PackageIndex{
        .name = "npm",
        .languages = "javascript typescript",
        .installer = "javascript.sh",
        .url = "https://registry.npmjs.org",
        .made = "node_modules",
        .target = "/node_modules",
        .variables = "PATH=/node_modules/.bin:{PATH}",
        .project_files = "package.json package-lock.json",
        .example = "lodash, chalk@5",
        .is_requirement = is_npm_requirement,
    },
    // A workspace lends its modules to a program that has no module of its own.
    PackageIndex{
        .name = "the Go module proxy",
        .languages = "go",
        .installer = "go.sh",
        .url = "https://proxy.golang.org",
        .target = "/opt/sbx",
        .variables =
            "GOMODCACHE=/opt/sbx/mod GOWORK=/opt/sbx/go.work GOPROXY=off GOTOOLCHAIN=local SBX_GO_CACHE=/opt/sbx/cache",
        .project_files = "go.mod go.sum",
        .example = "github.com/google/uuid@v1.6.0",
        .is_requirement = is_go_requirement,
    },
    // Compiled when they are installed; the compiler is told of each.
    PackageIndex{
        .name = "crates.io",
        .languages = "rust",
        .installer = "rust.sh",
        .url = "https://index.crates.io",
        .hosts = "static.crates.io",
        .target = "/opt/sbx",
        .variables = "",
        .compile_arguments = "@/opt/sbx/externs",
        .project_files = "Cargo.toml Cargo.lock",
        .example = "rand@0.8, 'serde[derive]@1'",
        .is_requirement = is_crate_requirement,
    },
    // A colon at the end: what the image has comes too.
    PackageIndex{
        .name = "RubyGems",
        .languages = "ruby",
        .installer = "ruby.sh",
        .url = "https://rubygems.org",
        .hosts = "index.rubygems.org",
        .target = "/opt/sbx",
        .variables = "GEM_PATH=/opt/sbx: PATH=/opt/sbx/bin:{PATH}",
        .project_files = "",
        .example = "rack, 'rails@~> 7.1'",
        .is_requirement = is_gem_requirement,
    },
    PackageIndex{
        .name = "CRAN",
        .languages = "r",
        .installer = "r.sh",
        .url = "https://cloud.r-project.org",
        .target = "/opt/sbx",
        .variables = "R_LIBS=/opt/sbx",
        .project_files = "",
        .example = "jsonlite",
        .is_requirement = is_cran_requirement,
    },
    // A colon at the beginning: the image's own settings are read too. What the index lists is at GitHub mostly.
    PackageIndex{
        .name = "Packagist",
        .languages = "php",
        .installer = "php.sh",
        .url = "https://repo.packagist.org",
        .hosts = "api.github.com codeload.github.com",
        .target = "/opt/sbx",
        .variables = "PHP_INI_SCAN_DIR=:/opt/sbx/settings PATH=/opt/sbx/vendor/bin:{PATH}",
        .stand_in = "vendor/autoload.php",
        .stand_in_text = "<?php return require '/opt/sbx/vendor/autoload.php';\n",
        .project_files = "composer.json composer.lock",
        .example = "monolog/monolog, 'monolog/monolog:^3'",
        .is_requirement = is_composer_requirement,
    },
    PackageIndex{
        .name = "CPAN",
        .languages = "perl",
        .installer = "perl.sh",
        .url = "https://www.cpan.org",
        .target = "/opt/sbx",
        .variables = "PERL5LIB=/opt/sbx/lib/perl5 PATH=/opt/sbx/bin:{PATH}",
        .project_files = "",
        .example = "Try::Tiny, 'Moo~>= 2.0'",
        .is_requirement = is_cpan_requirement,
    },
    // Semicolons at the beginning: what is beside the program and what the image has come first.
    PackageIndex{
        .name = "LuaRocks",
        .languages = "lua",
        .installer = "lua.sh",
        .url = "https://luarocks.org",
        .target = "/opt/sbx",
        .variables = "LUA_PATH=;;/opt/sbx/share/lua/5.4/?.lua;/opt/sbx/share/lua/5.4/?/init.lua "
                     "LUA_CPATH=;;/opt/sbx/lib/lua/5.4/?.so PATH=/opt/sbx/bin:{PATH}",
        .project_files = "",
        .example = "inspect, 'penlight@>= 1.13'",
        .is_requirement = is_rock_requirement,
    },
};

/// Of `NAME=VALUE` words.
std::string_view value_of(const std::vector<std::string>& environment, std::string_view name)
{
    for (const std::string_view variable : environment)
        if (variable.starts_with(name) && variable.substr(name.size()).starts_with('='))
            return variable.substr(name.size() + 1);
    return {};
}

}  // namespace

std::span<const PackageIndex> package_indexes()
{
    return table;
}

Result<const PackageIndex*> find_package_index(const Language& language)
{
    const auto* found = std::ranges::find_if(table, [&](const PackageIndex& index) {
        return std::ranges::count(words(index.languages), language.name) != 0;
    });
    if (found != table.end()) return found;
    return Error(Errc::invalid_argument, fmt::format("sbx installs no libraries for {}", language.name),
                 "use an image that has them: --image");
}

std::string_view setting_of(const PackageIndex& index)
{
    return words(index.languages).front();
}

EnvironmentList library_variables(const PackageIndex& index, const std::vector<std::string>& image_environment)
{
    constexpr std::string_view usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    constexpr std::string_view placeholder = "{PATH}";
    EnvironmentList variables;
    for (const std::string_view word : words(index.variables)) {
        const std::size_t equals = word.find('=');
        std::string value(word.substr(equals + 1));
        if (const std::size_t at = value.find(placeholder); at != std::string::npos) {
            const std::string_view path = value_of(image_environment, "PATH");
            value.replace(at, placeholder.size(), path.empty() ? usual_path : path);
        }
        variables.emplace_back(word.substr(0, equals), std::move(value));
    }
    return variables;
}

}  // namespace sbx
