#include "core/sandbox/collect.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/asio/write.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <sstream>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_silence = 30s;
constexpr int pipe_bytes = 1 << 20;  // the more, the seldomer the two threads have to wake each other

/// Collects the entries of a listing.
class EntryList : public StreamSink {
   public:
    void on_entries(std::span<const wire::Entry> found) override
    {
        for (const wire::Entry& entry : found)
            if (entry.type == wire::EntryType::file) entries.push_back(entry);
    }

    std::vector<wire::Entry> entries;
};

/// Holds the bytes of an archive until they are passed on; the wire's window bounds them.
class ArchiveBytes : public StreamSink {
   public:
    void on_data(std::uint8_t /*channel*/, std::span<const char> bytes) override
    {
        pending.append(bytes.data(), bytes.size());
    }

    std::string pending;
};

/// Waits for an operation that sends something at least every so often.
template <class Progress>
asio::awaitable<Result<void>> finish_in_time(AgentLink& link, wire::StreamId stream, Progress progress)
{
    auto last = progress();
    auto deadline = std::chrono::steady_clock::now() + longest_silence;
    while (link.outcome(stream) == nullptr) {
        if (link.is_over())
            co_return link.fault().value_or(Error(Errc::unavailable, "the sandbox ended before its files were read"));
        const auto now = std::chrono::steady_clock::now();
        if (progress() != last) {
            last = progress();
            deadline = now + longest_silence;
        }
        if (now >= deadline) co_return Error(Errc::deadline_exceeded, "the sandbox does not answer");
        co_await link.changed().wait(deadline);
    }
    if (const auto* failure = std::get_if<wire::Failure>(link.outcome(stream))) co_return wire::to_error(*failure);
    co_return Result<void>();
}

/// Passes the archive on to the thread that unpacks it.
asio::awaitable<Result<void>> pump(AgentLink& link, wire::StreamId stream, ArchiveBytes& from, asio::writable_pipe to)
{
    auto deadline = std::chrono::steady_clock::now() + longest_silence;
    std::string bytes;
    for (;;) {
        const bool ended = link.outcome(stream) != nullptr || link.is_over();
        if (from.pending.empty()) {
            if (ended) break;
            if (std::chrono::steady_clock::now() >= deadline)
                co_return Error(Errc::deadline_exceeded, "the sandbox does not send its files");
            co_await link.changed().wait(deadline);
            continue;
        }
        bytes.clear();
        bytes.swap(from.pending);
        boost::system::error_code failed;
        co_await asio::async_write(to, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, failed));
        if (failed) {  // the other end gave up, and says why
            link.owner().close(stream);
            link.flush();
            break;
        }
        link.owner().consumed(stream, wire::Channel::input, bytes.size());
        link.flush();
        deadline = std::chrono::steady_clock::now() + longest_silence;
    }
    co_return Result<void>();
}

/// Unpacks on a thread of its own, as it blocks.
asio::awaitable<Result<Unpacked>> unpack(asio::thread_pool& pool, asio::readable_pipe from,
                                         std::filesystem::path directory, std::uint64_t limit_bytes)
{
    const asio::any_io_executor home = co_await asio::this_coro::executor;
    ::fcntl(from.native_handle(), F_SETFL, 0);  // Asio made it non-blocking
    co_await asio::post(asio::bind_executor(pool.get_executor(), asio::use_awaitable));
    Result<Unpacked> unpacked = unpack_below(directory, from.native_handle(), limit_bytes);
    co_await asio::post(asio::bind_executor(home, asio::use_awaitable));
    co_return unpacked;
}

std::vector<std::string> components_of(const std::string& path)
{
    std::vector<std::string> components;
    std::istringstream parts(path);
    for (std::string part; std::getline(parts, part, '/');) components.push_back(part);
    return components;
}

using Components = std::span<const std::string>;

/// Whether the pattern's components match the first ones of the path: what lies below a match is meant too.
bool matches_components(Components pattern, Components path)
{
    if (pattern.empty()) return true;
    if (pattern.front() == "**")  // any number of directories
        return matches_components(pattern.subspan(1), path) ||
               (!path.empty() && matches_components(pattern, path.subspan(1)));
    return !path.empty() && ::fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
           matches_components(pattern.subspan(1), path.subspan(1));
}

/// What is below the sandbox's work directory, regular files only, sorted by path.
asio::awaitable<Result<std::vector<wire::Entry>>> list_files(AgentLink& link)
{
    EntryList list;
    wire::List request;
    const wire::StreamId stream = link.owner().list(request);
    link.attach_sink(stream, list);
    link.flush();
    const Result<void> listed = co_await finish_in_time(link, stream, [&list] { return list.entries.size(); });
    link.detach_sink(stream);
    if (!listed) co_return listed.error();
    std::ranges::sort(list.entries, {}, &wire::Entry::path);
    co_return std::move(list.entries);
}

/// Fetches files and tells what had to be left aside.
asio::awaitable<Result<void>> fetch(AgentLink& link, const RunRequest& request, std::vector<std::string> paths,
                                    std::filesystem::path directory, RunResult& result)
{
    std::string work = "/work";
    const auto unpacked =
        co_await fetch_files(link, std::move(work), paths, std::move(directory), request.limits.disk_bytes);
    if (!unpacked) co_return unpacked.error();
    for (const std::string& name : unpacked->left_out)
        result.warnings.push_back(fmt::format("{:?} was left out: it is neither a file nor a directory", name));
    for (const std::string& name : paths)
        if (!unpacked->files.contains(name) && std::ranges::find(unpacked->left_out, name) == unpacked->left_out.end())
            result.warnings.push_back(fmt::format("{:?} was left out: the program forbade its user to read it", name));
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<Unpacked>> fetch_files(AgentLink& link, std::string from, std::vector<std::string> paths,
                                              std::filesystem::path directory, std::uint64_t limit_bytes)
{
    using namespace asio::experimental::awaitable_operators;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::readable_pipe reading(executor);
    asio::writable_pipe writing(executor);
    boost::system::error_code failed;
    asio::connect_pipe(reading, writing, failed);
    if (failed) co_return Error(Errc::resource_exhausted, "cannot make a pipe: " + failed.message(), "ulimit -n");
    ::fcntl(writing.native_handle(), F_SETPIPE_SZ, pipe_bytes);

    ArchiveBytes archive;
    wire::TarOut request;
    request.directory = std::move(from);
    request.paths = std::move(paths);
    const wire::StreamId stream = link.owner().tar_out(request);
    link.attach_sink(stream, archive);
    link.flush();
    asio::thread_pool pool(1);
    auto [pumped, unpacked] = co_await (pump(link, stream, archive, std::move(writing)) &&
                                        unpack(pool, std::move(reading), std::move(directory), limit_bytes));
    link.detach_sink(stream);
    if (!unpacked) co_return unpacked.error();
    if (!pumped) co_return pumped.error();
    if (link.outcome(stream) == nullptr)
        co_return Error(Errc::unavailable, "the sandbox ended before its files were read");
    if (const auto* failure = std::get_if<wire::Failure>(link.outcome(stream))) co_return wire::to_error(*failure);
    co_return unpacked;
}

std::vector<ChangedFile> changed_files(const std::vector<wire::Entry>& found, const Manifest& sent)
{
    std::vector<ChangedFile> changed;
    for (const wire::Entry& entry : found) {
        const auto known = sent.find(entry.path);
        if (known != sent.end() && known->second == SentFile{entry.size_bytes, entry.mtime_ns}) continue;
        changed.push_back(ChangedFile{.path = entry.path, .size_bytes = entry.size_bytes});
    }
    return changed;
}

bool matches(const std::string& pattern, const std::string& path)
{
    return pattern == "." || matches_components(components_of(pattern), components_of(path));
}

asio::awaitable<Result<void>> collect_files(AgentLink& link, const RunRequest& request, Manifest sent,
                                            RunResult& result)
{
    const bool wanted = request.list_files || request.artifacts || !request.outputs.empty();
    if (!wanted) co_return Result<void>();
    const auto found = co_await list_files(link);
    if (!found) co_return found.error();
    result.execution.files = changed_files(*found, sent);

    for (const OutputFiles& output : request.outputs) {
        std::vector<std::string> paths;
        for (const wire::Entry& entry : *found)
            if (matches(output.pattern, entry.path)) paths.push_back(entry.path);
        if (paths.empty()) {
            result.warnings.push_back(fmt::format("--output {}: the program left no such file", output.pattern));
            continue;
        }
        const Result<void> fetched = co_await fetch(link, request, std::move(paths), output.directory, result);
        if (!fetched) co_return fetched;
    }
    if (!request.artifacts || result.execution.files.empty()) co_return Result<void>();
    std::vector<std::string> paths;
    paths.reserve(result.execution.files.size());
    for (const ChangedFile& file : result.execution.files) paths.push_back(file.path);
    co_return co_await fetch(link, request, std::move(paths), *request.artifacts, result);
}

}  // namespace sbx
