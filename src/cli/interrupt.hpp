#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

#include <functional>
#include <memory>

namespace sbx::cli {

/// Catches Ctrl-C and SIGTERM for a command that goes on until then, as long as this lives.
class Interrupt {
   public:
    /// @param then  called once, at the first of them
    Interrupt(const boost::asio::any_io_executor& executor, std::function<void()> then);
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// The signal that came, or 0.
    int signal() const;

   private:
    struct State {
        std::function<void()> then;
        int signal = 0;
    };

    boost::asio::signal_set signals_;
    std::shared_ptr<State> state_;  ///< of the handler too, which may come after this has gone
};

}  // namespace sbx::cli
