#include "daemon/http/tls_context.hpp"

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace sbx::daemon {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Result<void> check_readable(const char* flag, const std::string& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) return {};
    const int code = errno;
    const std::string message = fmt::format("{}: cannot read {}: {}", flag, path, std::strerror(code));
    if (code == EACCES || code == EPERM)
        return Error(Errc::permission_denied, message, "let the daemon's user read it: chown or setfacl");
    return Error(Errc::not_found, message, "give the path of a PEM file");
}

Result<void> load(ssl::context& context, const TlsFiles& files)
{
    error_code failed;
    context.use_certificate_chain_file(files.certificate, failed);
    if (failed)
        return Error(Errc::invalid_argument, fmt::format("--tls-cert: {} holds no certificate", files.certificate),
                     "a PEM file that begins with the server's own certificate, as a CA's fullchain.pem does");
    // Nobody can be asked for a passphrase.
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, failed);
    context.use_private_key_file(files.key, ssl::context::pem, failed);
    // OpenSSL compares the two already here, so that a sound key fails too.
    if (!failed && ::SSL_CTX_check_private_key(context.native_handle()) == 1) return {};
    if (failed && ERR_GET_REASON(static_cast<unsigned long>(failed.value())) == X509_R_KEY_VALUES_MISMATCH)
        failed.clear();
    if (failed)
        return Error(Errc::invalid_argument, fmt::format("--tls-key: {} holds no key without a passphrase", files.key),
                     fmt::format("openssl pkey -in {0} -out {0}.plain", files.key));
    return Error(Errc::invalid_argument,
                 fmt::format("--tls-key: {} is not the key of {}", files.key, files.certificate),
                 "give the pair that was made together");
}

}  // namespace

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsFiles& files)
{
    if (const auto readable = check_readable("--tls-cert", files.certificate); !readable) return readable.error();
    if (const auto readable = check_readable("--tls-key", files.key); !readable) return readable.error();
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    ::SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_options(ssl::context::default_workarounds | SSL_OP_NO_RENEGOTIATION);
    ::ERR_clear_error();
    if (const auto loaded = load(*context, files); !loaded) return loaded.error();
    return context;
}

}  // namespace sbx::daemon
