#pragma once

#include "sbx/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace sbx::daemon {

/// PEM files of a server.
struct TlsFiles {
    std::string certificate;  ///< its own first, then those that lead to a root
    std::string key;          ///< without a passphrase
};

/// What connections are made of: TLS 1.2 or newer.
/// @error not_found          a file is missing
/// @error permission_denied  we may not read it
/// @error invalid_argument   it holds no certificate or no key, or they do not belong together
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

}  // namespace sbx::daemon
