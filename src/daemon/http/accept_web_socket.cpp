#include "daemon/http/accept_web_socket.hpp"

#include "daemon/http/ascii.hpp"
#include "daemon/http/web_socket_core.hpp"

namespace sbx::daemon {
namespace {

constexpr std::size_t key_size = 24;  // 16 bytes in base64

template <class Layer>
class CoreWebSocket final : public WebSocket {
   public:
    explicit CoreWebSocket(std::shared_ptr<WebSocketCore<Layer>> core) : core_(std::move(core)) {}
    ~CoreWebSocket() override { core_->drop(); }
    CoreWebSocket(const CoreWebSocket&) = delete;
    CoreWebSocket& operator=(const CoreWebSocket&) = delete;

    asio::awaitable<Result<WebSocketMessage>> read() override
    {
        const auto core = core_;  // `this` may go while this waits
        co_return co_await core->read();
    }
    asio::awaitable<Result<void>> write(WebSocketMessage message) override
    {
        const auto core = core_;
        co_return co_await core->write(std::move(message));
    }
    asio::awaitable<void> close(std::uint16_t code, std::string reason) override
    {
        const auto core = core_;
        co_await core->close(code, std::move(reason));
    }

   private:
    std::shared_ptr<WebSocketCore<Layer>> core_;
};

template <class Layer>
asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_over(std::shared_ptr<Connection> connection, Layer& layer,
                                                                UpgradeRequest request, std::string id)
{
    auto core = std::make_shared<WebSocketCore<Layer>>(std::move(connection), layer);
    const Result<void> accepted = co_await core->accept(std::move(request), std::move(id));
    if (!accepted) co_return accepted.error();
    std::unique_ptr<WebSocket> socket = std::make_unique<CoreWebSocket<Layer>>(std::move(core));
    co_return socket;
}

}  // namespace

std::optional<Error> check_upgrade(const RequestHead& head)
{
    const auto is = [&](http::field name, std::string_view value) {
        return head.fields.count(name) == 1 && equals_ignoring_case(head.fields[name], value);
    };
    if (head.method != http::verb::get || !is(http::field::upgrade, "websocket"))
        return Error(Errc::invalid_argument, "this is no request for a WebSocket");
    if (!http::token_list(head.fields[http::field::connection]).exists("upgrade"))
        return Error(Errc::invalid_argument, "this is no request for a WebSocket");
    if (!is(http::field::sec_websocket_version, "13"))
        return Error(Errc::invalid_argument, "the version of WebSockets must be 13");
    if (head.fields.count(http::field::sec_websocket_key) != 1 ||
        head.fields[http::field::sec_websocket_key].size() != key_size)
        return Error(Errc::invalid_argument, "the WebSocket's key is malformed");
    return std::nullopt;
}

asio::awaitable<Result<std::unique_ptr<WebSocket>>> accept_web_socket(std::shared_ptr<Connection> connection,
                                                                      const RequestHead& head)
{
    UpgradeRequest request;
    static_cast<http::fields&>(request) = head.fields;
    request.method(http::verb::get);
    request.target("/");
    request.version(11);
    const Stream::Layer layer = connection->stream().layer();
    std::string id = head.id;
    if (Socket* const* const plain = std::get_if<Socket*>(&layer))
        return accept_over(std::move(connection), **plain, std::move(request), std::move(id));
    return accept_over(std::move(connection), *std::get<TlsSocket*>(layer), std::move(request), std::move(id));
}

}  // namespace sbx::daemon
