#pragma once

#include <filesystem>
#include <utility>

namespace sbx {

/// A file of this host that is gone with it.
struct TemporaryFile {
    explicit TemporaryFile(std::filesystem::path of) : path(std::move(of)) {}
    ~TemporaryFile()
    {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    std::filesystem::path path;
};

}  // namespace sbx
