#include "cli/immediate_io.hpp"

#include <sys/uio.h>

namespace sbx::cli {

#ifdef RWF_NOWAIT  // Linux: preadv2(2)

namespace {
constexpr off_t at_current_offset = -1;
}

std::optional<std::size_t> read_at_once(int descriptor, std::span<char> into)
{
    const iovec buffer{.iov_base = into.data(), .iov_len = into.size()};
    const ssize_t n = ::preadv2(descriptor, &buffer, 1, at_current_offset, RWF_NOWAIT);
    return n < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(n));
}

std::size_t write_at_once(int descriptor, std::span<const char> bytes)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): the structure serves reads too
    const iovec buffer{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    const ssize_t n = ::pwritev2(descriptor, &buffer, 1, at_current_offset, RWF_NOWAIT);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
}

#else

std::optional<std::size_t> read_at_once(int /*descriptor*/, std::span<char> /*into*/)
{
    return std::nullopt;
}

std::size_t write_at_once(int /*descriptor*/, std::span<const char> /*bytes*/)
{
    return 0;
}

#endif

}  // namespace sbx::cli
