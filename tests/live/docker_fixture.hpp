#pragma once

#include "core/docker/engine.hpp"

#include "catch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <optional>
#include <string>

namespace test {

namespace asio = boost::asio;

/// A connection to the Docker engine of this machine, and a clean-up of all that a test made on it.
class DockerFixture {
   public:
    DockerFixture();
    ~DockerFixture();
    DockerFixture(const DockerFixture&) = delete;
    DockerFixture& operator=(const DockerFixture&) = delete;

    /// Runs until `work` is done; deadlines of other calls may still be pending.
    template <class T>
    T run(asio::awaitable<T> work)
    {
        std::optional<T> value;
        std::exception_ptr thrown;
        bool done = false;
        asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T result) {
            done = true;
            thrown = e;
            if (!e) value.emplace(std::move(result));
        });
        context.restart();
        while (!done) context.run_one();
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*value);
    }

    /// The same, cancelled after `delay` if it still runs then. What it throws is the error `cancelled`.
    template <class T>
    sbx::Result<T> run_cancelled(asio::awaitable<sbx::Result<T>> work, std::chrono::milliseconds delay)
    {
        asio::cancellation_signal stop;
        asio::steady_timer timer(context, delay);
        timer.async_wait([&](const boost::system::error_code& ec) {
            if (!ec) stop.emit(asio::cancellation_type::terminal);
        });
        sbx::Result<T> outcome = sbx::Error(sbx::Errc::cancelled, "thrown");
        bool done = false;
        auto finish = [&](std::exception_ptr e, sbx::Result<T> result) {
            done = true;
            if (!e) outcome = std::move(result);
        };
        asio::co_spawn(context, std::move(work), asio::bind_cancellation_slot(stop.slot(), finish));
        context.restart();
        while (!done) context.run_one();
        timer.cancel();
        context.poll();
        return outcome;
    }

    /// An engine of its own at `endpoint`.
    /// @param config_directory  Docker's: for the credentials of registries
    std::unique_ptr<sbx::Engine> engine_at(sbx::docker::Endpoint endpoint, std::filesystem::path config_directory = {});

    /// A one-shot sandbox of the base image with the stand-in agent's volume.
    sbx::Plan plan() const;
    void fill_agent_volume();
    std::string read_until(sbx::Channel& channel, std::size_t size);
    /// Whether no container of this test is left, now or within a few seconds.
    bool is_clean();

    asio::io_context context;
    std::unique_ptr<sbx::Engine> engine;
    std::map<std::string, std::string> labels;
    std::string volume;
    std::string label;  ///< "key=value", to list by
    std::vector<std::string> images_to_remove;

    static constexpr const char* base_image = "debian:bookworm-slim";
};

/// The bytes of the program that stands in for the agent.
std::string stand_in_agent();

/// The endpoint of this machine's engine.
sbx::docker::Endpoint local_endpoint();

}  // namespace test
