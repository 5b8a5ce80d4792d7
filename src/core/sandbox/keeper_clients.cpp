// Those who are connected to a keeper.
#include "core/read_buffer.hpp"
#include "core/sandbox/keeper.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_claim = 5s;
constexpr std::size_t read_bytes = std::size_t{512} << 10;
constexpr std::size_t most_clients = 64;

}  // namespace

/// Somebody who is connected.
struct Keeper::Client {
    Client(AgentLink& link, KeptLife& life, Turns& turns, const std::string& token, std::unique_ptr<Channel> channel_)
        : relay(std::make_unique<Relay>(link, life, turns, token)), channel(std::move(channel_))
    {
    }

    void close()
    {
        over = true;
        channel->close();
    }

    std::unique_ptr<Relay> relay;
    std::unique_ptr<Channel> channel;
    bool over = false;
};

asio::awaitable<void> Keeper::accept()
{
    for (;;) {
        boost::system::error_code failed;
        LocalSocket socket = co_await acceptor_->async_accept(asio::redirect_error(asio::use_awaitable, failed));
        if (!acceptor_->is_open()) co_return;
        if (failed || !is_ours(socket) || clients_.size() >= most_clients) {
            Condition pause(executor_);
            if (failed) co_await pause.wait(Clock::now() + 100ms);  // out of descriptors, say
            continue;
        }
        admit(make_channel(std::move(socket)), record_.token);
    }
}

void Keeper::admit(std::unique_ptr<Channel> channel, const std::string& token)
{
    if (cause_ || link_.is_over() || clients_.size() >= most_clients) return channel->close();
    KeptLife& life = *this;
    auto client = std::make_shared<Client>(link_, life, turns_, token, std::move(channel));
    clients_.push_back(client);
    asio::co_spawn(executor_, serve(std::move(client)), asio::detached);
}

Result<std::unique_ptr<Channel>> Keeper::connect()
{
    if (!is_ready_ || cause_) return Error(Errc::not_found, "the sandbox has ended");
    LocalSocket ours(executor_);
    LocalSocket theirs(executor_);
    boost::system::error_code failed;
    asio::local::connect_pair(ours, theirs, failed);
    if (failed) return Error(Errc::unavailable, "no connection to the sandbox: " + failed.message());
    admit(make_channel(std::move(theirs)), record_.token);
    return make_channel(std::move(ours));
}

Result<Keeper::Guest> Keeper::invite()
{
    if (!is_ready_ || cause_) return Error(Errc::not_found, "the sandbox has ended");
    return Guest(*this);
}

void Keeper::guest_left()
{
    --guests_;
    last_used_ = Clock::now();
    link_.changed().notify_all();
    link_.life().notify_all();
}

void Keeper::close_clients()
{
    for (const std::shared_ptr<Client>& client : clients_) client->close();
}

bool Keeper::is_busy() const
{
    return std::ranges::any_of(clients_, [](const auto& client) { return client->relay->programs() > 0; });
}

asio::awaitable<void> Keeper::serve(std::shared_ptr<Client> client)
{
    using namespace asio::experimental::awaitable_operators;
    co_await (read(client) && write(client) && expect_claim(client));
    client->relay.reset();
    std::erase(clients_, client);
    last_used_ = Clock::now();
    link_.changed().notify_all();
    link_.life().notify_all();
}

asio::awaitable<void> Keeper::read(std::shared_ptr<Client> client)
{
    ReadBuffer buffer(read_bytes);
    while (!client->over) {
        const Result<std::size_t> got = co_await client->channel->read_some(buffer.all());
        if (!got || *got == 0 || client->over) break;
        if (client->relay->feed(buffer.first(*got)) != nullptr) break;
    }
    client->close();
    link_.flush();
}

asio::awaitable<void> Keeper::write(std::shared_ptr<Client> client)
{
    std::string bytes;
    while (!client->over) {
        if (!client->relay->has_outgoing()) {
            co_await link_.changed().wait(std::nullopt);
            continue;
        }
        if (client->relay->is_overfull()) break;
        client->relay->take_outgoing(bytes);
        const Result<void> written = co_await client->channel->write(bytes);
        if (!written) break;
    }
    client->close();
}

asio::awaitable<void> Keeper::expect_claim(std::shared_ptr<Client> client)
{
    const auto deadline = Clock::now() + patience_for_claim;
    while (!client->over && !client->relay->is_claimed()) {
        if (Clock::now() >= deadline) client->close();
        if (!client->over) co_await link_.changed().wait(deadline);
    }
}

}  // namespace sbx
