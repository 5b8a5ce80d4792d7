#pragma once

#include "core/docker/endpoint.hpp"

#include <nlohmann/json.hpp>

namespace sbx::docker {

/// The `currentContext` of `config.json` in `directory`; empty when the file, or the key, is missing.
/// @error invalid_argument  the file is not JSON
Result<std::string> current_context(const std::filesystem::path& directory);

/// The endpoint of the Docker context `name`.
/// @error invalid_argument  there is no such context
/// @source docker/cli: cli/context/store/store.go
Result<Endpoint> read_context(const std::filesystem::path& directory, const std::string& name);

/// The files `ca.pem`, `cert.pem` and `key.pem` of `directory`, those that exist.
TlsFiles tls_files(const std::filesystem::path& directory, bool verify);

/// Docker's `config.json` in `directory`; null when there is none.
/// @error invalid_argument  it is not a JSON object
Result<nlohmann::json> read_config(const std::filesystem::path& directory);

}  // namespace sbx::docker
