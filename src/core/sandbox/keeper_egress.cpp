// What a keeper does about the places that its programs may reach.
#include "core/sandbox/keeper.hpp"

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto pause_between_writes = 500ms;

}  // namespace

Result<void> Keeper::change_egress(const wire::ChangeEgress& change)
{
    if (record_.network == Network::full)
        return Error(Errc::conflict, "the sandbox has the engine's own network (--net full), which has no list");
    EgressList list = egress_.list();
    if (auto changed = list.change("HOST", change.allow, change.deny); !changed) return changed;
    SandboxRecord record = record_;
    record.allow.clear();
    for (const EgressRule& rule : list.rules()) record.allow.push_back(format_egress_rule(rule));
    // First of all: what holds here must hold for the next keeper too.
    if (auto written = store_.write(record); !written) return written;
    record_ = std::move(record);
    egress_.change(std::move(list));
    return {};
}

void Keeper::remember_attempts()
{
    written_attempts_ = egress_.attempts().version();
    record_.attempts = egress_.attempts().all();
}

/// @return whether there were any
bool Keeper::write_new_attempts()
{
    if (!is_ready_ || written_attempts_ == egress_.attempts().version()) return false;
    remember_attempts();
    const Result<void> written = store_.write(record_);
    return true;
}

/// Its client looks into the record for what it tried.
void Keeper::program_ended()
{
    write_new_attempts();
    link_.life().notify_all();
}

/// Now and then: a connection changes them with every piece that it carries.
asio::awaitable<void> Keeper::write_attempts()
{
    Condition pause(executor_);
    while (!cause_ && !link_.is_over()) {
        if (write_new_attempts())
            co_await pause.wait(Clock::now() + pause_between_writes);
        else
            co_await link_.changed().wait(std::nullopt);
    }
}

}  // namespace sbx
