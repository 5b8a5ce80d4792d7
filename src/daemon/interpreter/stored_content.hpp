#pragma once

#include "core/store/digest.hpp"
#include "sbx/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sbx::daemon {

/// What is known of a content that has been written.
struct ContentFacts {
    std::uint64_t bytes = 0;
    std::string digest;  ///< SHA-256, hexadecimal
};

/// A file on its way to the disk: it has its name when all of it is there, and is gone when that never happens. Blocks.
class ContentWriter {
   public:
    /// @param place  the name that it shall have
    /// @error unavailable  it cannot be made
    static Result<ContentWriter> create(const std::filesystem::path& place);
    ContentWriter(ContentWriter&& other) noexcept;
    ContentWriter& operator=(ContentWriter&&) = delete;
    ContentWriter(const ContentWriter&) = delete;
    ContentWriter& operator=(const ContentWriter&) = delete;
    ~ContentWriter();

    /// @error unavailable  the disk is full, or fails
    Result<void> write(std::string_view bytes);
    std::uint64_t bytes() const { return bytes_; }
    Result<ContentFacts> finish();

   private:
    ContentWriter(int file, std::filesystem::path place);
    std::filesystem::path unfinished() const;

    int file_;
    std::filesystem::path place_;
    std::uint64_t bytes_ = 0;
    std::unique_ptr<Digester> digester_ = std::make_unique<Digester>();
};

/// Gives a file of this host, which nobody else writes to, its place among the contents; neither follows a link.
/// Blocks.
/// @error not_found, unavailable
Result<ContentFacts> adopt_content(const std::filesystem::path& from, const std::filesystem::path& place);
/// Lets programs that get a content read it alone. Blocks.
Result<void> make_read_only(const std::filesystem::path& place);
/// @error not_found, unavailable
Result<std::string> digest_of_file(const std::filesystem::path& path);

/// A content that is read piece by piece. Blocks.
class ContentReader {
   public:
    /// @error not_found, unavailable
    static Result<ContentReader> open(const std::filesystem::path& place);
    ContentReader(ContentReader&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    ContentReader& operator=(ContentReader&&) = delete;
    ContentReader(const ContentReader&) = delete;
    ContentReader& operator=(const ContentReader&) = delete;
    ~ContentReader();

    /// @error unavailable  there are fewer bytes, or the disk fails
    Result<std::string> read(std::uint64_t offset, std::size_t length) const;

   private:
    explicit ContentReader(int file) : file_(file) {}

    int file_;
};

/// Width and height of a picture.
struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};
/// @param beginning  of the file: 24 bytes are enough
/// @return nothing unless it is PNG
/// @source PNG (ISO/IEC 15948), 5.2 and 11.2.2
std::optional<PictureSize> png_size(std::string_view beginning);

}  // namespace sbx::daemon
