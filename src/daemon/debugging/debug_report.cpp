#include "daemon/debugging/debug_report.hpp"

#include "daemon/api/decode.hpp"
#include "daemon/api/strict_json.hpp"

namespace sbx::daemon {

DebugReport parse_report(std::string_view text)
{
    DebugReport report;
    const Result<nlohmann::json> json = parse_strict_json(text);
    if (!json) return report;
    Decoder decoder;
    decoder.read(*json, report);
    return decoder.errors().empty() ? report : DebugReport();
}

}  // namespace sbx::daemon
