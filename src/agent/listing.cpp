#include "agent/file_operations.hpp"
#include "agent/tree.hpp"
#include "agent/worker.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <string>

namespace sbx::agent {
namespace {

constexpr std::size_t max_frame = 48 << 10;
constexpr std::uint32_t max_depth = 64;

/// Lists a tree, in a worker's child.
class Lister {
   public:
    Lister(Desk& desk, const wire::List& request) : desk_(desk), request_(request) {}

    [[noreturn]] void run();

   private:
    void list(int directory, const std::string& path, std::uint32_t depth);
    void add(const std::string& path, const struct stat& status);
    void flush();

    Desk& desk_;
    const wire::List& request_;
    wire::Entries batch_;
    std::size_t batch_bytes_ = 0;
    wire::Reply done_;
};

void Lister::run()
{
    const Descriptor root = open_directory(request_.directory);
    if (!root) desk_.fail_with_errno(request_.directory);
    list(root.get(), "", 1);
    flush();
    desk_.reply(done_);
}

void Lister::list(int directory, const std::string& path, std::uint32_t depth)
{
    DIR* entries = fdopendir(dup(directory));
    if (!entries) return;
    while (const dirent* entry = readdir(entries)) {
        const std::string name = entry->d_name;
        struct stat status = {};
        if (name == "." || name == ".." || fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        done_.truncated = done_.truncated || done_.entries == request_.max_entries ||
                          path.size() + name.size() > wire::max_path_bytes;
        if (done_.truncated) break;
        add(path + name, status);
        if (!S_ISDIR(status.st_mode) || depth >= std::min(request_.depth, max_depth)) continue;
        const Descriptor below(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (below) list(below.get(), path + name + "/", depth + 1);
    }
    closedir(entries);
}

void Lister::add(const std::string& path, const struct stat& status)
{
    const std::size_t bytes = 2 * path.size() + 128;  // as JSON, at most
    if (batch_bytes_ + bytes > max_frame) flush();
    batch_bytes_ += bytes;
    batch_.entries.push_back(entry_of(path, status));
    ++done_.entries;
}

void Lister::flush()
{
    if (!batch_.entries.empty()) desk_.send(Type::entries, batch_);
    batch_.entries.clear();
    batch_bytes_ = 0;
}

class List : public Worker {
   public:
    List(Sandbox& sandbox, StreamId id, wire::List request)
        : Worker(sandbox, id, request.after, false, 0), request_(std::move(request))
    {
    }

   private:
    void work(Desk& desk) override { Lister(desk, request_).run(); }

    wire::List request_;
};

}  // namespace

std::unique_ptr<Operation> make_list(Sandbox& sandbox, StreamId id, wire::List request)
{
    return std::make_unique<List>(sandbox, id, std::move(request));
}

}  // namespace sbx::agent
