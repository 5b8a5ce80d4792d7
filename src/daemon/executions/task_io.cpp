#include "daemon/executions/task_io.hpp"

#include <algorithm>

namespace sbx::daemon {

boost::asio::awaitable<Result<void>> TaskIo::write(OutputStream stream, std::span<const char> bytes)
{
    if (reader_ == nullptr) co_return Result<void>();
    co_return co_await reader_->on_output(stream, bytes);
}

boost::asio::awaitable<Result<std::size_t>> TaskIo::read(std::span<char> into)
{
    if (source_ != nullptr) co_return co_await source_->read(into);
    const std::size_t size = std::min(into.size(), input_.size() - taken_);
    std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(taken_), size, into.begin());
    taken_ += size;
    co_return size;
}

}  // namespace sbx::daemon
