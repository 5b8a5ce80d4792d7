#include "core/sandbox/session_loss.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

namespace sbx {

void record_session_loss(const SandboxStore& store, const std::string& sandbox, const PhaseEnd& end, RunResult& result)
{
    const std::string lost = lost_keeper(store);
    const auto record = store.read(sandbox);
    const std::optional<Cause> cause = record ? record->cause : Cause::killed;  // no record: it was removed
    std::optional<Ending> ending;
    if (cause && *cause != Cause::lost) {
        ending.emplace();
        ending->oom = *cause == Cause::oom;
        ending->killed = true;
    }
    record_lost(ending, end, result);
    if (end.cause) return;
    if (!cause)
        result.explanation = "lost: " + lost;
    else if (*cause != Cause::oom)
        result.explanation = fmt::format("{}: the sandbox has ended ({})", *cause == Cause::lost ? "lost" : "killed",
                                         boost::describe::enum_to_string(*cause, "?"));
}

std::string lost_keeper(const SandboxStore& store)
{
    if (!store.refresh()) return "the daemon has gone";
    return "the sandbox's keeper has gone; the next command starts another";
}

}  // namespace sbx
