#include "core/batch/compilations.hpp"

#include "core/sandbox/short_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace sbx::batch {
namespace {

namespace fs = std::filesystem;

/// So that no two lists of texts look the same.
void add(std::string& to, std::string_view text)
{
    to += fmt::format("{}:{}", text.size(), text);
}

/// A file that changes during a batch is another one; its content is not read for that.
void add_file(std::string& to, const InputFile& file)
{
    add(to, file.target);
    if (const auto* bytes = std::get_if<std::string>(&file.content)) return add(to, short_hash(*bytes));
    const fs::path& path = std::get<fs::path>(file.content);
    std::error_code ignored;
    const auto size = fs::is_regular_file(path, ignored) ? fs::file_size(path, ignored) : 0;
    add(to, fmt::format("{} {} {} {}", path.native(), size,
                        fs::last_write_time(path, ignored).time_since_epoch().count(), file.whole_directory));
}

}  // namespace

std::string compilation_key(const RunRequest& request)
{
    if (request.compile.empty()) return {};
    std::string all;
    add(all, request.image.id);
    for (const std::string& word : request.compile) add(all, word);
    for (const InputFile& file : request.files) add_file(all, file);
    for (const auto& [name, value] : request.environment) add(all, fmt::format("{}={}", name, value));
    for (const Mount& mount : request.libraries) add(all, mount.volume);
    add(all, request.directory);
    const Limits& limits = request.limits;
    add(all, fmt::format("{} {} {} {} {} {}", limits.memory_bytes, limits.disk_bytes, limits.millicpus, limits.pids,
                         limits.output_bytes.value_or(0), request.compile_timeout.count()));
    return short_hash(all);
}

std::uint64_t Compilations::Entry::size() const
{
    constexpr std::uint64_t own = 1024;
    if (product) return own + product->size();
    return failure ? own + failure->execution.stdout_bytes.size() + failure->execution.stderr_bytes.size() : 0;
}

asio::awaitable<Compilations::Turn> Compilations::take(std::string key)
{
    for (;;) {
        Turn turn;
        const auto [at, is_new] = entries_.try_emplace(key);
        at->second.used = ++turns_;
        if (is_new) {
            turn.compiles = true;
            co_return turn;
        }
        if (!at->second.is_under_way()) {
            turn.product = at->second.product;
            turn.failure = at->second.failure;
            co_return turn;
        }
        co_await changed_.wait(std::nullopt);
    }
}

void Compilations::made(const std::string& key, std::string product)
{
    Entry& entry = entries_[key];
    entry.product = std::make_shared<const std::string>(std::move(product));
    kept_ += entry.size();
    drop_oldest();
    changed_.notify_all();
}

void Compilations::failed(const std::string& key, const RunResult& result)
{
    Entry& entry = entries_[key];
    entry.failure = std::make_shared<const RunResult>(result);
    kept_ += entry.size();
    drop_oldest();
    changed_.notify_all();
}

void Compilations::gave_up(const std::string& key)
{
    const auto at = entries_.find(key);
    if (at == entries_.end() || !at->second.is_under_way()) return;
    entries_.erase(at);
    changed_.notify_all();
}

void Compilations::drop_oldest()
{
    while (kept_ > room_) {
        auto oldest = entries_.end();
        for (auto at = entries_.begin(); at != entries_.end(); ++at)
            if (!at->second.is_under_way() && (oldest == entries_.end() || at->second.used < oldest->second.used))
                oldest = at;
        if (oldest == entries_.end()) return;
        kept_ -= oldest->second.size();
        entries_.erase(oldest);
    }
}

}  // namespace sbx::batch
