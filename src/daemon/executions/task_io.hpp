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
    /// As `ProgramIo` says.
    virtual void on_report(std::span<const char> /*bytes*/) {}
};

/// A program's input that comes while it runs.
class InputSource {
   public:
    virtual ~InputSource() = default;
    /// @return how many; 0 at its end
    virtual boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) = 0;
    /// Wakes a pending `read` for good.
    virtual void stop() = 0;
};

/// A program's streams whose input is there already, or has a source; its output goes to whoever reads it, and into the
/// record.
class TaskIo : public ProgramIo {
   public:
    /// @param reader, source  outlive this; may be null
    TaskIo(std::string input, OutputReader* reader, InputSource* source = nullptr)
        : input_(std::move(input)), reader_(reader), source_(source)
    {
    }

    boost::asio::awaitable<Result<void>> write(OutputStream stream, std::span<const char> bytes) override;
    boost::asio::awaitable<Result<std::size_t>> read(std::span<char> into) override;
    void stop_reading() override
    {
        if (source_ != nullptr) source_->stop();
    }
    void on_report(std::span<const char> bytes) override
    {
        if (reader_ != nullptr) reader_->on_report(bytes);
    }
    void on_start(Phase phase) override
    {
        if (reader_ != nullptr) reader_->on_start(phase);
    }

   private:
    std::string input_;
    std::size_t taken_ = 0;
    OutputReader* reader_;
    InputSource* source_;
};

}  // namespace sbx::daemon
