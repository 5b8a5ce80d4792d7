// Where a request goes, as its client writes it.
#include "daemon/http/target.hpp"
#include "sbx/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(input), size);
    const auto target = sbx::daemon::parse_target(text);
    if (!target) return 0;
    if (!text.starts_with(target->path) || target->segments.empty()) std::abort();
    const auto is_odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\'; };
    for (const std::string& segment : target->segments)
        if (!sbx::is_utf8(segment) || std::any_of(segment.begin(), segment.end(), is_odd)) std::abort();
    for (const auto& [name, value] : target->query)
        if (!sbx::is_utf8(name) || !sbx::is_utf8(value) || value.find('\0') != std::string::npos) std::abort();
    return 0;
}
