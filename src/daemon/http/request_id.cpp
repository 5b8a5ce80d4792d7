#include "daemon/http/request_id.hpp"

#include "core/random.hpp"

namespace sbx::daemon {

RequestIds::RequestIds() : prefix_(random_hex(8)) {}

std::string RequestIds::next()
{
    constexpr std::size_t digits = 16;
    std::string id = prefix_;
    id.resize(prefix_.size() + digits);
    std::uint64_t rest = ++last_;
    for (std::size_t i = 0; i < digits; ++i, rest >>= 4U) id[id.size() - 1 - i] = "0123456789abcdef"[rest & 0xFU];
    return id;
}

}  // namespace sbx::daemon
