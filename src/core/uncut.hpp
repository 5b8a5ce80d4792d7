#pragma once

#include <boost/system/error_code.hpp>

#include <cstddef>

namespace sbx {

/// A completion condition for asio::async_write, which by itself writes 64 KiB at a time and looks for news in between:
/// each of these pieces wakes the reader.
inline std::size_t uncut(const boost::system::error_code& failed, std::size_t /*written*/)
{
    constexpr std::size_t most = std::size_t{1} << 20;
    return failed ? 0 : most;
}

}  // namespace sbx
