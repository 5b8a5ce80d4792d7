#pragma once

#include "core/sandbox/program_io.hpp"
#include "daemon/http/exchange.hpp"

#include <optional>
#include <utility>

namespace sbx::daemon {

/// A request's body as an input, and an answer's body as an output. The answer begins with its first byte: what fails
/// before can still be told.
class BodyIo : public ProgramIo {
   public:
    explicit BodyIo(Exchange& exchange, Response head = {}) : exchange_(exchange), head_(std::move(head)) {}

    asio::awaitable<Result<void>> begin()
    {
        if (std::exchange(begun, true)) co_return Result<void>();
        co_return co_await exchange_.begin(std::move(head_));
    }

    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> bytes) override
    {
        const Result<void> ready = co_await begin();
        if (!ready) co_return ready;
        co_return co_await exchange_.write(bytes);
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> into) override
    {
        Result<std::size_t> got = co_await exchange_.read_some(into);
        if (!got) failure = got.error();
        co_return got;
    }
    void stop_reading() override {}

    std::optional<Error> failure;  ///< why the body could not be read to its end
    bool begun = false;            ///< the answer

   private:
    Exchange& exchange_;
    Response head_;
};

}  // namespace sbx::daemon
