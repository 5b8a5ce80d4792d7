#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sbx::cli {

/// Lines that were typed, the oldest first, in a file that only its user can read. Where it cannot be read or written
/// there is no history, and that is all.
class HistoryFile {
   public:
    /// @param path  empty: nothing is kept
    explicit HistoryFile(std::filesystem::path path) : path_(std::move(path)) {}

    /// The last thousand. The file forgets the others when they have become many.
    std::vector<std::string> lines() const;
    /// Sessions at the same time share the file: each adds its own.
    void add(const std::string& line) const;

   private:
    std::filesystem::path path_;
};

}  // namespace sbx::cli
