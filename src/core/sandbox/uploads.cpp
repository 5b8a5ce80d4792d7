#include "core/sandbox/uploads.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace sbx {
namespace {

constexpr const char* work = "/work";
constexpr const char* scratch = "/tmp";

}  // namespace

Result<Uploads> Uploads::open(const RunRequest& request)
{
    Uploads uploads;
    uploads.most_bytes_ = request.limits.disk_bytes;
    for (const char* root : {work, scratch}) {
        auto archive = InputArchive::open(request.files, root, request.limits);
        if (!archive) return archive.error();
        // The program starts in a directory that is there.
        if (const std::string above = std::string(root) + "/"; request.directory.starts_with(above))
            archive->add_directory(request.directory.substr(above.size()));
        if (archive->empty()) continue;
        uploads.uploads_.emplace_back().directory = root;
        uploads.uploads_.back().archive = std::move(*archive);
    }
    if (request.product) {
        uploads.uploads_.emplace_back().directory = scratch;
        uploads.uploads_.back().product = request.product;
    }
    return uploads;
}

Result<wire::StreamId> Uploads::queue(wire::Owner& owner, wire::StreamId after)
{
    wire::StreamId last = after;
    for (Upload& upload : uploads_) {
        wire::TarIn tar;
        tar.after = last;
        tar.directory = upload.directory;
        tar.max_bytes = most_bytes_;
        tar.max_entries = std::numeric_limits<std::uint32_t>::max();
        last = upload.stream = owner.tar_in(tar);
        if (const auto fed = feed(upload, owner); !fed) return fed.error();
    }
    return last;
}

Result<bool> Uploads::feed(wire::Owner& owner)
{
    bool all = true;
    for (Upload& upload : uploads_) {
        if (upload.ended || !owner.is_open(upload.stream)) continue;
        if (const auto fed = feed(upload, owner); !fed) return fed.error();
        all = all && upload.ended;
    }
    return all;
}

void Uploads::feed_product(Upload& upload, wire::Owner& owner)
{
    const std::string& bytes = *upload.product;
    const std::size_t size = std::min(owner.may_send(upload.stream), bytes.size() - upload.sent);
    owner.send(upload.stream, std::span(bytes).subspan(upload.sent, size));
    upload.sent += size;
    if (upload.sent < bytes.size()) return;
    owner.eof(upload.stream);
    upload.ended = true;
}

Result<void> Uploads::feed(Upload& upload, wire::Owner& owner)
{
    if (!upload.archive) feed_product(upload, owner);
    while (!upload.ended && upload.archive) {
        if (upload.pending.empty()) {
            const auto more = upload.archive->read(upload.pending);
            if (!more) return more.error();
            if (!*more) {
                owner.eof(upload.stream);
                upload.ended = true;
                break;
            }
        }
        const std::size_t size = std::min(owner.may_send(upload.stream), upload.pending.size());
        if (size == 0) break;
        owner.send(upload.stream, std::span(upload.pending).first(size));
        upload.pending.erase(0, size);
    }
    return {};
}

bool Uploads::are_over(const AgentLink& link) const
{
    return std::ranges::all_of(uploads_, [&](const Upload& upload) { return link.outcome(upload.stream) != nullptr; });
}

const wire::Failure* Uploads::failure(const AgentLink& link) const
{
    for (const Upload& upload : uploads_)
        if (const Outcome* outcome = link.outcome(upload.stream))
            if (const auto* failure = std::get_if<wire::Failure>(outcome)) return failure;
    return nullptr;
}

Manifest Uploads::work_files() const
{
    for (const Upload& upload : uploads_)
        if (upload.directory == work && upload.archive) return upload.archive->manifest();
    return {};
}

asio::awaitable<Result<void>> put_files(AgentLink& link, const RunRequest& request)
{
    Result<Uploads> uploads = Uploads::open(request);
    if (!uploads) co_return uploads.error();
    const Result<wire::StreamId> queued = uploads->queue(link.owner());
    if (!queued) co_return queued.error();
    link.flush();
    while (!uploads->are_over(link) && !link.is_over()) {
        const Result<bool> fed = uploads->feed(link.owner());
        if (!fed) co_return fed.error();
        link.flush();
        if (!uploads->are_over(link)) co_await link.changed().wait(std::nullopt);
    }
    if (const wire::Failure* failure = uploads->failure(link)) co_return wire::to_error(*failure);
    if (!uploads->are_over(link)) co_return Error(Errc::unavailable, "the sandbox ended before its files were there");
    co_return Result<void>();
}

}  // namespace sbx
