#pragma once

#include <filesystem>

namespace test {

/// A fresh directory, removed with all it holds.
class TempDirectory {
   public:
    TempDirectory();
    ~TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

}  // namespace test
