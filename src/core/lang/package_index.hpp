#pragma once

#include "core/environment_list.hpp"
#include "sbx/language.hpp"
#include "sbx/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx {

/// Where the libraries of a language come from, and how a program finds them (docs/libraries.md). Every list is words
/// with one space between.
struct PackageIndex {
    std::string_view name;        ///< for people: "PyPI"
    std::string_view languages;   ///< whose libraries it has; the first one names its setting
    std::string_view installer;   ///< a file of runners/install/
    std::string_view url;         ///< unless `index.LANGUAGE` says another
    std::string_view hosts = {};  ///< where it has its files, beside its own host
    std::string_view made = {};   ///< what of the installation becomes the set, below library_directory
    std::string_view target;      ///< where a set is mounted
    std::string_view variables;   ///< `NAME=VALUE`; `{PATH}` is the image's own
    std::string_view compile_arguments = {};
    std::string_view stand_in = {};       ///< a file that programs expect in their work directory
    std::string_view stand_in_text = {};  ///< what it holds, where they have none
    std::string_view project_files;       ///< beside a script they say what it needs; the first one decides
    std::string_view example;             ///< of a requirement
    bool (*is_requirement)(std::string_view text);
};

std::span<const PackageIndex> package_indexes();

/// @error not_found  libraries of this language cannot be installed
Result<const PackageIndex*> find_package_index(const Language& language);

/// The language whose name its setting has.
std::string_view setting_of(const PackageIndex& index);

/// What programs need to find a set.
/// @param image_environment  the image's, `NAME=VALUE`
EnvironmentList library_variables(const PackageIndex& index, const std::vector<std::string>& image_environment);

}  // namespace sbx
