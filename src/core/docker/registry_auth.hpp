#pragma once

#include "sbx/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace sbx::docker {

/// The value of X-Registry-Auth for `registry`, from Docker's config file or from the credential helper it names.
/// Empty where there are no credentials: the pull is then anonymous.
/// @error invalid_argument  the config file can't be read
/// @error unavailable       the credential helper can't be started
boost::asio::awaitable<Result<std::string>> registry_auth(boost::asio::any_io_executor executor,
                                                          std::filesystem::path config_directory, std::string registry);

}  // namespace sbx::docker
