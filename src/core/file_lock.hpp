#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace sbx {

/// An exclusive lock on a file, held until destruction and seen by every process of this machine (flock(2)).
class FileLock {
   public:
    /// @return nothing when another holds it; a lock that locks nothing when the file cannot be made
    static std::optional<FileLock> try_acquire(const std::filesystem::path& path);

    FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    FileLock& operator=(FileLock&& other) noexcept
    {
        std::swap(file_, other.file_);
        return *this;
    }
    ~FileLock();

   private:
    explicit FileLock(int file) : file_(file) {}

    int file_;
};

}  // namespace sbx
