#include "daemon/http/stream.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace sbx::daemon {
namespace {

namespace ssl = asio::ssl;

class TlsStream final : public Stream {
   public:
    TlsStream(Socket socket, std::shared_ptr<ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_)
    {
    }

    asio::awaitable<void> handshake(error_code& ec) override
    {
        return stream_.async_handshake(ssl::stream_base::server, into(ec));
    }

    asio::awaitable<std::size_t> read_some(std::span<char> bytes, error_code& ec) override
    {
        return stream_.async_read_some(asio::buffer(bytes.data(), bytes.size()), into(ec));
    }

    asio::awaitable<std::size_t> write_some(const Pieces& pieces, error_code& ec) override
    {
        return stream_.async_write_some(pieces, into(ec));
    }

    std::size_t try_write(const Pieces& /*pieces*/, error_code& /*ec*/) override { return 0; }

    /// Says so, and waits for the client to say the same: that is TLS's way.
    asio::awaitable<void> end_writing(error_code& ec) override { return stream_.async_shutdown(into(ec)); }

    void cancel() override
    {
        error_code ignored;
        stream_.next_layer().cancel(ignored);
    }

    void close() override
    {
        error_code ignored;
        stream_.next_layer().close(ignored);
    }

    Layer layer() override { return &stream_; }

   private:
    std::shared_ptr<ssl::context> context_;
    TlsSocket stream_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(Socket socket, std::shared_ptr<asio::ssl::context> context)
{
    return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace sbx::daemon
