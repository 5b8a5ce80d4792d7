#pragma once

#include "sbx/execution.hpp"
#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>

namespace sbx {

enum class OutputStream { out, err };

/// Where the streams of a program lead: a terminal and pipes, a record, an HTTP answer.
class ProgramIo {
   public:
    virtual ~ProgramIo() = default;

    /// Completes when all of `bytes` are written out; a slow reader so slows the program down.
    /// @error cancelled    the reader is gone: the run ends quietly, as any program does by SIGPIPE
    /// @error unavailable  the bytes cannot be written (a full disk): the run ends with this error
    virtual boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) = 0;

    /// The next bytes of the program's stdin.
    /// @return how many; 0 at the end of input, and after `stop_reading`
    virtual boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) = 0;

    /// Wakes a pending `read` for good: the program has ended.
    virtual void stop_reading() = 0;

    /// A phase begins, for those who tell machines.
    virtual void on_start(Phase /*phase*/) {}

    /// Where `RunRequest::keep_product` asks for it: an archive of what the compile phase made, for
    /// `RunRequest::product` of other runs. Not called when it cannot be had.
    virtual void on_product(std::string /*archive*/) {}

    /// Where `RunRequest::report_bytes` asks for it: what the program writes on descriptor 3, as it comes.
    virtual void on_report(std::span<const char> /*bytes*/) {}
};

}  // namespace sbx
