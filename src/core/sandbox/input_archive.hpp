#pragma once

#include "sbx/result.hpp"
#include "sbx/run.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct archive;

namespace sbx {

/// What a file was like when it was put into the sandbox; whatever differs afterwards was changed there.
struct SentFile {
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_ns = 0;

    bool operator==(const SentFile&) const = default;
};
using Manifest = std::map<std::string, SentFile>;  ///< by path below the archive's root

/// The tar stream (pax) of input files, made piece by piece, so that its size costs no memory.
class InputArchive {
   public:
    /// Looks at every source and opens none for long.
    /// @param root  "/work" or "/tmp": only targets below it are taken
    /// @error not_found          a source is missing
    /// @error permission_denied  a source cannot be read
    /// @error invalid_argument   a source is neither a file nor a directory, or is to lie below a file
    /// @error too_large          all of them together are more than the directory can hold
    static Result<InputArchive> open(const std::vector<InputFile>& files, const std::string& root,
                                     const Limits& limits);

    /// An empty directory, unless the files make it anyway.
    void add_directory(const std::string& name);

    bool empty() const { return manifest_.empty() && entries_.empty(); }
    const Manifest& manifest() const { return manifest_; }

    /// Appends the next piece, at most some hundred KiB.
    /// @return false when there was nothing left
    Result<bool> read(std::string& out);

   private:
    struct Entry {
        std::string name;              ///< below the root
        std::filesystem::path source;  ///< empty: the content is `bytes`
        const std::string* bytes = nullptr;
        std::uint64_t size_bytes = 0;
        std::int64_t mtime_ns = 0;
        unsigned mode = 0;  ///< with its type bits
    };
    struct Writer;

    InputArchive();
    Result<void> check_names(const std::string& root) const;
    Result<void> add(const InputFile& file, const std::string& name);
    Result<void> add_tree(const std::filesystem::path& source, const std::string& name, bool whole);
    Result<void> add_entry(const std::filesystem::path& source, const std::string& name, bool follow);
    Result<void> begin(const Entry& entry);
    Result<void> copy_some();

    std::deque<Entry> entries_;
    Manifest manifest_;
    std::uint64_t total_bytes_ = 0;
    std::shared_ptr<Writer> writer_;
};

}  // namespace sbx
