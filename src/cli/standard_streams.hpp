#pragma once

#include "core/sandbox/program_io.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <optional>

namespace sbx::cli {

/// Makes descriptors 0, 1 and 2 what they should be where the caller closed them: nothing to read, an error to write
/// to. Otherwise the next socket would become one of them.
void hold_standard_descriptors();

/// The streams of this process as those of the program. What cannot be done at once blocks on a thread of its own for
/// each, because the flags of a terminal or a pipe belong to whoever shares it: they are never made non-blocking.
class StandardStreams : public ProgramIo {
   public:
    /// @param reads  whether stdin is passed on; else the program's is empty
    StandardStreams(boost::asio::any_io_executor executor, bool reads);
    ~StandardStreams() override;
    StandardStreams(const StandardStreams&) = delete;
    StandardStreams& operator=(const StandardStreams&) = delete;

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop_reading() override;

   protected:
    const boost::asio::any_io_executor& executor() const { return executor_; }

   private:
    boost::asio::thread_pool& thread(int descriptor);

    boost::asio::any_io_executor executor_;
    bool reads_;
    std::array<int, 2> wake_{-1, -1};
    std::array<std::optional<boost::asio::thread_pool>, 3>
        threads_;  ///< by descriptor, started when first needed, which most runs never do
};

}  // namespace sbx::cli
