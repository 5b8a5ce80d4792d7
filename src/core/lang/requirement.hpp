#pragma once

#include "sbx/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sbx {

struct PackageIndex;

// What may be asked of a package index: a name and a version, never an option, a URL or a path.

/// PEP 508 without URLs: `numpy`, `pandas[excel]>=2,<3`, `tomli; python_version < '3.11'`, and behind it the hashes of
/// a requirements file.
bool is_python_requirement(std::string_view text);
/// `lodash`, `@types/node@20`, `chalk@^5.0`
bool is_npm_requirement(std::string_view text);
/// `github.com/google/uuid@v1.6.0`
bool is_go_requirement(std::string_view text);
/// `rand`, `serde[derive,rc]@1.0`
bool is_crate_requirement(std::string_view text);

/// `rack`, `rack@3.0.8`, `rails@~> 7.1`
bool is_gem_requirement(std::string_view text);
/// `jsonlite`: R installs the newest version alone
bool is_cran_requirement(std::string_view text);
/// `monolog/monolog`, `monolog/monolog:^3.5`
bool is_composer_requirement(std::string_view text);
/// `Try::Tiny`, `Try::Tiny@0.31`, `Moo~>= 2.0, < 3`
bool is_cpan_requirement(std::string_view text);
/// `inspect`, `say@1.4.1`, `penlight@>= 1.13`, `user/name`
bool is_rock_requirement(std::string_view text);

/// The requirements, trimmed, sorted and each once.
/// @param origin  what an error blames: `--with`
/// @error invalid_argument  one of them is not of the index's form
Result<std::vector<std::string>> sound_requirements(const PackageIndex& index, std::vector<std::string> texts,
                                                    std::string_view origin);

/// The lines of a file with one requirement each: comments and blank lines left out, continued lines joined.
/// @param name  the file's, for errors
/// @error invalid_argument  a line is an option
Result<std::vector<std::string>> requirement_lines(std::string_view text, std::string_view name);

}  // namespace sbx
