#pragma once

#include "sbx/result.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sbx::docker {

/// Takes an attach stream apart: frames of an 8-byte header (type, three zeros, length big-endian) and that many bytes.
/// Standard output is handed on, standard error is dropped but for its end. Trusts nothing. No I/O.
/// @source Docker Engine API v1.41: ContainerAttach, "Stream format"
class StreamDemux {
   public:
    static constexpr std::size_t buffer_bytes = 256U << 10;
    static constexpr std::size_t max_payload_bytes = 16U << 20;
    static constexpr std::size_t kept_stderr_bytes = 4096;

    /// Where the next bytes of the stream go; empty only while earlier ones wait to be taken.
    std::span<char> room();
    /// Says that the first `count` bytes of `room` were filled.
    void commit(std::size_t count);
    /// Moves standard output to `to`.
    /// @return how much; 0 when more bytes of the stream are needed
    /// @error internal  the stream breaks its own rules; it is of no further use
    Result<std::size_t> take(std::span<char> to);

    /// The end of what came on standard error.
    std::string_view last_stderr() const;
    /// Whether the stream may end here.
    bool between_frames() const { return header_size_ == 0 && payload_left_ == 0; }

   private:
    Result<void> read_header();
    void keep_stderr(std::string_view bytes);

    std::unique_ptr<char[]> buffer_;  ///< from the first bytes on: an attach may be kept that nobody reads from
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::array<unsigned char, 8> header_{};
    std::size_t header_size_ = 0;
    std::size_t payload_left_ = 0;
    bool is_stdout_ = false;
    std::string stderr_;
};

}  // namespace sbx::docker
