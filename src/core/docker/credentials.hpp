#pragma once

#include "sbx/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace sbx::docker {

/// An image reference, taken apart as Docker does.
struct ImageReference {
    std::string registry;    ///< "docker.io", "localhost:5000"
    std::string repository;  ///< with the registry where one was given: "python", "localhost:5000/a/b"
    std::string tag;         ///< a tag, or a digest ("sha256:…"); "latest" where none was given
};
ImageReference parse_reference(std::string_view reference);

/// Where Docker's config file keeps the credentials of `registry`.
std::string config_key(std::string_view registry);

/// The credential helper for `registry`: of `credHelpers`, else `credsStore`; empty where there is none.
std::string credential_helper(const nlohmann::json& config, std::string_view registry);

/// The value of X-Registry-Auth from `auths` of Docker's config; empty where it has none for `registry`.
std::string auth_from_config(const nlohmann::json& config, std::string_view registry);

/// The value of X-Registry-Auth from what a credential helper printed.
/// @error unauthenticated  it printed something else
Result<std::string> auth_from_helper(std::string_view output, std::string_view registry);

}  // namespace sbx::docker
