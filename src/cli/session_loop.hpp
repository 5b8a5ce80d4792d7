#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace sbx::cli {

namespace asio = boost::asio;

/// The event loop of a command that talks with a person: everything goes on while it waits for the next key, and Ctrl-C
/// ends what is under way, not the command.
class SessionLoop {
   public:
    /// Takes a signal.
    /// @return whether nothing else is to be done about it
    using Receiver = std::function<bool(int signal)>;

    SessionLoop();

    asio::any_io_executor executor() { return io_.get_executor(); }

    /// Who gets signals first; nobody when it is empty.
    void set_receiver(Receiver receiver) { receiver_ = std::move(receiver); }

    /// Runs it to its end.
    /// @return nothing where it was cancelled
    template <class T>
    std::optional<T> run(asio::awaitable<T> work)
    {
        std::optional<T> result;
        std::exception_ptr thrown;
        bool is_under_way = true;
        auto finish = [&](const std::exception_ptr& e, T value) {
            is_under_way = false;
            thrown = e;
            if (!e) result.emplace(std::move(value));
        };
        cancelled_ = false;
        asio::co_spawn(io_, std::move(work), asio::bind_cancellation_slot(cancel_.slot(), finish));
        while (is_under_way && io_.run_one() > 0) {
        }
        if (thrown && !cancelled_) std::rethrow_exception(thrown);
        return result;
    }
    /// Ends what `run` runs.
    void cancel();

    /// Goes on until `done` says true, Ctrl-C is pressed, or the command is to end.
    /// @return whether it was `done`
    bool run_until(const std::function<bool()>& done);

    /// Whether Ctrl-C was pressed since this was last asked, and nobody received it.
    bool take_interrupt() { return std::exchange(interrupted_, false); }
    /// The signal that ends this command, or 0.
    int ending() const { return ending_; }

   private:
    void await_signal();
    void on_signal(int signal);

    asio::io_context io_{1};
    asio::signal_set signals_{io_};
    asio::cancellation_signal cancel_;
    Receiver receiver_;
    bool cancelled_ = false;
    bool interrupted_ = false;
    int ending_ = 0;
};

}  // namespace sbx::cli
