#pragma once

#include "core/libraries/library_store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

struct archive;

namespace sbx {

// Sets of libraries in one file, for machines without a network: a tar with, for each, what is known of it
// (`KEY.json`) and the content of its volume (`KEY.tar`).

/// Writes a bundle, which appears whole when it is finished, or not at all.
class BundleWriter {
   public:
    explicit BundleWriter(std::filesystem::path file);
    ~BundleWriter();
    BundleWriter(const BundleWriter&) = delete;
    BundleWriter& operator=(const BundleWriter&) = delete;

    /// @param content  an archive of this host
    /// @error unavailable  a file cannot be read or written
    Result<void> add(const LibrarySet& set, const std::filesystem::path& content);
    Result<void> finish();

   private:
    Result<void> open();
    Error failure() const;

    std::filesystem::path file_;
    std::filesystem::path aside_;
    std::unique_ptr<archive, int (*)(archive*)> archive_;
};

/// Reads a bundle from its beginning to its end.
class BundleReader {
   public:
    explicit BundleReader(const std::filesystem::path& file);

    /// Writes the next set's content to `content`.
    /// @return nothing at the end
    /// @error invalid_argument  it is no bundle, or is cut off
    /// @error unavailable       the content cannot be written
    Result<std::optional<LibrarySet>> next(const std::filesystem::path& content);

   private:
    Error failure() const;

    std::filesystem::path file_;
    std::unique_ptr<archive, int (*)(archive*)> archive_;
    bool opened_ = false;
};

}  // namespace sbx
