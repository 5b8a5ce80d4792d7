#pragma once

#include "sbx/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sbx {

/// A sandbox's spec under a name, as a file has it, or what flags or a request say of one. What is not said is empty.
struct Template {
    std::string language;
    std::string image;
    std::filesystem::path dockerfile;  ///< that the image is built by; empty: none
    std::string directory;             ///< that programs start in
    std::string network;
    std::vector<std::string> allow;                              ///< places that programs may reach
    std::vector<std::string> libraries;                          ///< as --with
    std::vector<std::string> preload;                            ///< modules that a standby sandbox imports ahead
    std::string start;                                           ///< a line for the shell, run when it was created
    std::map<std::string, std::string> settings;                 ///< `limits.*` and `pull`, text by key
    std::vector<std::pair<std::string, std::string>> variables;  ///< of every program
    std::map<std::string, std::string> labels;

    bool operator==(const Template&) const = default;
};

/// @param name  the file's, for errors
/// @error invalid_argument  not TOML, an unknown key (with the nearest as hint), or not such a value; says in which
/// line
Result<Template> parse_template(std::string_view toml, std::string_view name);

/// What flags or a request say, and of a template what they do not say: a network and a list of places stand for both,
/// libraries come after the template's, variables and labels are merged one by one.
Template completed(Template said, const Template& from);

/// Where a template is looked for: the user's folder, then the system's.
std::vector<std::filesystem::path> template_folders(const std::filesystem::path& user_config);

/// What `read_template` finds by its name in the folders, in order, each once.
std::vector<std::string> template_names(const std::vector<std::filesystem::path>& folders);

/// Reads the file that `word` is (it ends in `.toml` or has a slash), or else `word.toml` of the first folder with one.
/// Where none has one, the name of a richer image of ours stands for that image and its language.
/// @error invalid_argument  there is none, it cannot be read, or as of parse_template
Result<Template> read_template(const std::string& word, const std::vector<std::filesystem::path>& folders);

/// Whether a word can be a template's name: letters, digits, '.', '_' and '-', and not what `read_template` takes for a
/// path.
bool is_template_name(std::string_view word);

/// What `find_template` finds, in order, each once: `template_names`, and the richer images of ours.
std::vector<std::string> all_template_names(const std::vector<std::filesystem::path>& folders);

/// The same as `read_template` for a name that somebody else sent, which is never a path.
/// @error not_found  there is none of that name, with the nearest as hint
/// @error as of read_template for one that is there
Result<Template> find_template(const std::string& name, const std::vector<std::filesystem::path>& folders);

}  // namespace sbx
