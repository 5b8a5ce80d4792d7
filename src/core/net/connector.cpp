#include "core/net/connector.hpp"

#include "core/with_timeout.hpp"

#include <fmt/format.h>
#include <boost/asio/redirect_error.hpp>

namespace sbx {
namespace {

namespace asio = boost::asio;
using asio::ip::address;
using asio::ip::tcp;

/// Those that may be connected to.
Result<std::vector<address>> permitted(const std::vector<address>& found, const AddressRules& rules,
                                       const std::string& host)
{
    const Result<std::vector<address>> own = own_addresses();
    if (!own) return own.error();
    std::vector<address> good;
    std::string refusal;
    for (const address& each : found) {
        const std::string why = rules.refusal(each, *own);
        if (why.empty())
            good.push_back(each);
        else if (refusal.empty())
            refusal = each.to_string() == host ? fmt::format("{} is {}", host, why)
                                               : fmt::format("{} is at {}, {}", host, each.to_string(), why);
    }
    if (good.empty()) return Error(Errc::permission_denied, refusal, "egress.permit in the operator's settings");
    return good;
}

asio::awaitable<Result<OutsideSocket>> connect_to(tcp::endpoint endpoint)
{
    auto socket = std::make_unique<tcp::socket>(co_await asio::this_coro::executor);
    boost::system::error_code failed;
    co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return Error(Errc::unavailable, failed.message());
    boost::system::error_code ignored;
    socket->set_option(tcp::no_delay(true), ignored);
    co_return std::move(socket);
}

}  // namespace

asio::awaitable<Result<OutsideSocket>> connect_to_one(std::vector<address> addresses, std::uint16_t port,
                                                      std::chrono::milliseconds patience)
{
    Result<OutsideSocket> connected = Error(Errc::internal, "never tried");
    for (const address& each : addresses) {
        const bool is_last = &each == &addresses.back();
        const std::chrono::milliseconds limit = is_last ? patience : patience / 3;  // the next may answer
        connected = co_await with_timeout(connect_to(tcp::endpoint(each, port)), limit);
        if (connected) co_return connected;
    }
    co_return connected;
}

asio::awaitable<Result<OutsideSocket>> Connector::connect(std::string host, std::uint16_t port)
{
    const std::string place = fmt::format("{}:{}", host, port);
    Result<OutsideSocket> connected = co_await with_timeout(find_and_connect(std::move(host), port), patience_);
    if (!connected && connected.error().code == Errc::deadline_exceeded)
        co_return Error(Errc::deadline_exceeded,
                        fmt::format("{} did not answer within {} s", place,
                                    std::chrono::duration_cast<std::chrono::seconds>(patience_).count()));
    co_return connected;
}

asio::awaitable<Result<OutsideSocket>> Connector::find_and_connect(std::string host, std::uint16_t port)
{
    const Result<std::vector<address>> found = co_await addresses_of(resolver_, host);
    if (!found) co_return found.error();
    const Result<std::vector<address>> good = permitted(*found, rules_, host);
    if (!good) co_return good.error();
    Result<OutsideSocket> connected = co_await connect_to_one(*good, port, patience_);
    if (connected) co_return connected;
    co_return Error(Errc::unavailable,
                    fmt::format("{}:{} cannot be reached: {}", host, port, connected.error().message));
}

}  // namespace sbx
