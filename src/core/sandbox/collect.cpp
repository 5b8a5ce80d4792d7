#include "core/sandbox/collect.hpp"

#include "core/sandbox/attachment.hpp"
#include "core/sandbox/file_access.hpp"
#include "core/sandbox/unpacking.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_silence = 30s;

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

/// Sees the archive through to its end: that of the operation, of the link, or of our patience.
asio::awaitable<Result<Unpacked>> finish_unpacking(AgentLink& link, wire::StreamId stream, Unpacking& unpacking)
{
    auto deadline = std::chrono::steady_clock::now() + longest_silence;
    for (;;) {
        if (const std::optional<Result<Unpacked>> result = unpacking.result()) co_return *result;
        const auto now = std::chrono::steady_clock::now();
        const std::size_t written = unpacking.take_written();
        if (written > 0) {
            link.owner().consumed(stream, wire::Channel::input, written);
            link.flush();
        }
        if (written > 0 || !unpacking.is_starved()) deadline = now + longest_silence;
        if (now >= deadline) co_return Error(Errc::deadline_exceeded, "the sandbox does not send its files");
        if (link.outcome(stream) != nullptr || link.is_over()) unpacking.end();
        co_await link.changed().wait(deadline);
    }
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

/// Of the work directory.
struct Found {
    std::vector<wire::Entry> files;  ///< sorted by path
    bool is_all = false;             ///< else there were more than an agent lists
};

/// What is below the sandbox's work directory, regular files only.
asio::awaitable<Result<Found>> list_files(AgentLink& link)
{
    EntryList list;
    wire::List request;
    const wire::StreamId stream = link.owner().list(request);
    link.attach_sink(stream, list);
    link.flush();
    const Result<void> listed = co_await finish_in_time(link, stream, [&list] { return list.entries.size(); });
    link.detach_sink(stream);
    if (!listed) co_return listed.error();
    const auto* reply = std::get_if<wire::Reply>(link.outcome(stream));
    std::ranges::sort(list.entries, {}, &wire::Entry::path);
    Found found;
    found.files = std::move(list.entries);
    found.is_all = reply != nullptr && !reply->truncated;
    co_return found;
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

/// An archive that comes in, as a file.
class ArchiveFile : public ProgramIo {
   public:
    ArchiveFile(const std::filesystem::path& path, std::uint64_t most_bytes)
        : file_(path, std::ios::binary | std::ios::trunc), left_(most_bytes)
    {
    }

    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> bytes) override
    {
        if (bytes.size() > left_) co_return Error(Errc::too_large, "the directory has more bytes than are taken out");
        left_ -= bytes.size();
        file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        co_return written();
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> /*into*/) override { co_return std::size_t{0}; }
    void stop_reading() override {}

    Result<void> finish()
    {
        file_.close();
        return written();
    }

   private:
    Result<void> written() const
    {
        if (file_.good()) return {};
        return Error(Errc::unavailable, "an archive cannot be written on this host: is its disk full?", "df -h");
    }

    std::ofstream file_;
    std::uint64_t left_;
};

}  // namespace

asio::awaitable<Result<void>> pack_directory(AgentLink& link, PackedDirectory packed)
{
    ArchiveFile file(packed.tar, packed.most_bytes);
    wire::TarOut request;
    request.directory = std::move(packed.directory);
    const wire::StreamId stream = link.owner().tar_out(request);
    const Result<wire::Reply> received = co_await receive_data(link, stream, file);
    if (!received) co_return received.error();
    co_return file.finish();
}

asio::awaitable<Result<Unpacked>> fetch_files(AgentLink& link, std::string from, std::vector<std::string> paths,
                                              std::filesystem::path directory, std::uint64_t limit_bytes)
{
    wire::TarOut request;
    request.directory = std::move(from);
    request.paths = std::move(paths);
    const wire::StreamId stream = link.owner().tar_out(request);
    Unpacking unpacking(link, std::move(directory), limit_bytes);
    const Attachment attachment(link, stream, unpacking);
    link.flush();
    const Result<Unpacked> unpacked = co_await finish_unpacking(link, stream, unpacking);
    if (!unpacked) {
        link.owner().close(stream);
        link.flush();
        co_return unpacked.error();
    }
    const auto nothing_more = [] { return 0; };
    const Result<void> finished = co_await finish_in_time(link, stream, nothing_more);
    if (!finished) co_return finished.error();
    co_return Result<Unpacked>(*unpacked);
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

std::vector<std::string> removed_files(const std::vector<wire::Entry>& found, const Manifest& sent)
{
    std::vector<std::string> removed;
    for (const auto& [path, unused] : sent)
        if (!std::ranges::binary_search(found, path, {}, &wire::Entry::path)) removed.push_back(path);
    return removed;
}

bool matches(const std::string& pattern, const std::string& path)
{
    return pattern == "." || matches_components(components_of(pattern), components_of(path));
}

asio::awaitable<Result<void>> collect_files(AgentLink& link, const RunRequest& request, Manifest sent,
                                            RunResult& result)
{
    if (request.packed && result.execution.exit_code == 0) {
        const Result<void> packed = co_await pack_directory(link, *request.packed);
        if (!packed) co_return packed;
    }
    const bool wanted = request.list_files || request.artifacts || !request.outputs.empty();
    if (!wanted) co_return Result<void>();
    const auto found = co_await list_files(link);
    if (!found) co_return found.error();
    result.execution.files = changed_files(found->files, sent);
    if (found->is_all) result.removed = removed_files(found->files, sent);

    for (const OutputFiles& output : request.outputs) {
        std::vector<std::string> paths;
        for (const wire::Entry& entry : found->files)
            if (matches(output.pattern, entry.path)) paths.push_back(entry.path);
        if (paths.empty()) {
            result.warnings.push_back(fmt::format("--output {}: the program left no such file", output.pattern));
            continue;
        }
        const Result<void> fetched = co_await fetch(link, request, std::move(paths), output.directory, result);
        if (!fetched) co_return fetched;
    }
    if (!request.artifacts) co_return Result<void>();
    std::vector<std::string> paths;
    for (const ChangedFile& file : result.execution.files)
        if (!request.is_artifact || request.is_artifact(file)) paths.push_back(file.path);
    if (paths.empty()) co_return Result<void>();
    co_return co_await fetch(link, request, std::move(paths), *request.artifacts, result);
}

}  // namespace sbx
