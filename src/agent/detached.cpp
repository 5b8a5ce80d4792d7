#include "agent/detached.hpp"

#include <algorithm>
#include <string>

namespace sbx::agent {
namespace {

std::vector<std::string> beginning_of(const std::vector<std::string>& argv)
{
    std::vector<std::string> told;
    std::size_t left = wire::max_told_bytes;
    for (const std::string& argument : argv) {
        if (told.size() == wire::max_told_arguments || left == 0) break;
        told.push_back(argument.substr(0, left));
        left -= told.back().size();
    }
    return told;
}

bool runs(const std::unique_ptr<Detached>& detached)
{
    return detached->info.running;
}

}  // namespace

wire::ProcessInfo Detached::told() const
{
    wire::ProcessInfo told = info;
    told.dropped_bytes = tail.dropped_bytes();
    return told;
}

wire::Attached Detached::attached() const
{
    wire::Attached told = shape;
    told.dropped_bytes = tail.dropped_bytes();
    return told;
}

bool DetachedProcesses::is_full() const
{
    return static_cast<std::size_t>(std::ranges::count_if(known_, runs)) >= wire::max_detached;
}

Detached& DetachedProcesses::add(Process& process, const wire::Spawn& spawn, std::int64_t start_ms)
{
    auto detached = std::make_unique<Detached>();
    const std::uint64_t number = ++last_number_;
    detached->info = {.process = number, .argv = beginning_of(spawn.argv), .running = true, .start_ms = start_ms};
    detached->shape = {
        .process = number, .pty = spawn.pty, .input = spawn.input || spawn.pty, .channels = spawn.channels};
    detached->process = &process;
    known_.push_back(std::move(detached));
    return *known_.back();
}

void DetachedProcesses::end(Detached& detached, const wire::Exit& exit)
{
    detached.info.running = false;
    detached.info.exit = exit;
    detached.process = nullptr;
    // The last to end is the last to be forgotten.
    const auto at = std::ranges::find(known_, &detached, &std::unique_ptr<Detached>::get);
    std::rotate(at, at + 1, known_.end());
    const auto running = static_cast<std::size_t>(std::ranges::count_if(known_, runs));
    if (known_.size() - running > wire::max_remembered) known_.erase(std::ranges::find_if_not(known_, runs));
}

void DetachedProcesses::forget(const Detached& detached)
{
    std::erase_if(known_, [&](const auto& known) { return known.get() == &detached; });
}

Detached* DetachedProcesses::find(std::uint64_t number)
{
    const auto found = std::ranges::find_if(known_, [&](const auto& known) { return known->info.process == number; });
    return found == known_.end() ? nullptr : found->get();
}

}  // namespace sbx::agent
