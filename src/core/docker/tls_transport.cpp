#include "core/docker/tls_transport.hpp"

#include "core/docker/socket_transport.hpp"

#include <fmt/format.h>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sbx::docker {
namespace {

namespace ssl = asio::ssl;
using asio::ip::tcp;
using TlsStream = ssl::stream<tcp::socket>;

/// Moves only as a whole, with the context that its stream points into.
class TlsTransport final : public SocketTransport<TlsStream> {
   public:
    TlsTransport(std::shared_ptr<ssl::context> context, TlsStream stream)
        : SocketTransport<TlsStream>(std::move(stream)), context_(std::move(context))
    {
    }

    TlsStream& stream() { return stream_; }

   private:
    std::shared_ptr<ssl::context> context_;
};

Error failure(const Endpoint& endpoint, std::string_view what, const error_code& ec)
{
    return Error(Errc::unavailable, fmt::format("docker: TLS with {}: {}: {}", endpoint.shown, what, ec.message()),
                 tls_hint);
}

Result<std::shared_ptr<ssl::context>> make_context(const Endpoint& endpoint)
{
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    const TlsFiles& files = endpoint.tls;
    error_code ec;
    context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, ec);
    if (files.ca.empty())
        context->set_default_verify_paths(ec);
    else
        context->load_verify_file(files.ca.string(), ec);
    if (ec) return failure(endpoint, files.ca.string(), ec);
    if (!files.certificate.empty()) context->use_certificate_chain_file(files.certificate.string(), ec);
    if (ec) return failure(endpoint, files.certificate.string(), ec);
    if (!files.key.empty()) context->use_private_key_file(files.key.string(), ssl::context::pem, ec);
    if (ec) return failure(endpoint, files.key.string(), ec);
    context->set_verify_mode(files.verify ? ssl::verify_peer : ssl::verify_none, ec);
    if (files.verify) context->set_verify_callback(ssl::host_name_verification(endpoint.host), ec);
    return context;
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Transport>>> secure(tcp::socket socket, Endpoint endpoint,
                                                           std::chrono::milliseconds limit)
{
    Result<std::shared_ptr<ssl::context>> context = make_context(endpoint);
    if (!context) co_return context.error();
    TlsStream stream(std::move(socket), **context);
    // OpenSSL's macro for this holds a C cast.
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, endpoint.host.data());
    auto transport = std::make_shared<TlsTransport>(*context, std::move(stream));

    asio::steady_timer deadline(transport->stream().get_executor(), limit);
    deadline.async_wait([weak = std::weak_ptr<TlsTransport>(transport)](const error_code& ec) {
        if (const auto alive = weak.lock(); alive && !ec) alive->close();
    });
    error_code ec;
    co_await transport->stream().async_handshake(ssl::stream_base::client, into(ec));
    if (ec && deadline.expiry() <= std::chrono::steady_clock::now())
        co_return failure(endpoint, "handshake", asio::error::timed_out);
    if (ec == asio::error::operation_aborted) co_return Error(Errc::cancelled, "docker: cancelled");
    if (ec) co_return failure(endpoint, "handshake", ec);
    std::unique_ptr<Transport> secured = std::make_unique<TlsTransport>(std::move(*transport));
    co_return secured;
}

}  // namespace sbx::docker
