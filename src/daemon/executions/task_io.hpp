#pragma once

#include "core/sandbox/program_io.hpp"

#include <string>

namespace sbx::daemon {

/// Takes what a program writes, as it comes.
class OutputReader {
   public:
    virtual ~OutputReader() = default;
    /// A slow reader slows the program down.
    /// @error cancelled  it is gone: the program is ended
    virtual boost::asio::awaitable<Result<void>> on_output(OutputStream stream, std::span<const char> bytes) = 0;
    virtual void on_start(Phase /*phase*/) {}
};

/// A program's streams whose input is there already; its output goes to whoever reads it, and into the record.
class TaskIo : public ProgramIo {
   public:
    /// @param reader  outlives this; may be null
    TaskIo(std::string input, OutputReader* reader) : input_(std::move(input)), reader_(reader) {}

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop_reading() override {}
    void on_start(Phase phase) override
    {
        if (reader_ != nullptr) reader_->on_start(phase);
    }

   private:
    std::string input_;
    std::size_t taken_ = 0;
    OutputReader* reader_;
};

}  // namespace sbx::daemon
