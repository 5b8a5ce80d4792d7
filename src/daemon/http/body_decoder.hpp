#pragma once

#include "daemon/http/framing.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sbx::daemon {

/// Finds the body in the bytes that follow a head. Its chunks' sizes and its trailer are checked as strictly as a head;
/// what a trailer says is dropped. No I/O.
/// @source RFC 9112, section 7.1
class BodyDecoder {
   public:
    /// The first `framing` bytes are not the body's, the next `data` bytes are. All of them count as used.
    struct Step {
        std::size_t framing = 0;
        std::size_t data = 0;
    };

    BodyDecoder(const Framing& framing, std::size_t chunk_line_bytes);

    /// @param most  how much of the body the caller can take now
    Step next(std::string_view bytes, std::size_t most);
    bool is_done() const { return state_ == State::done; }
    bool is_malformed() const { return state_ == State::malformed; }
    /// How many bytes would be the body's if they came next.
    std::uint64_t expected() const { return state_ == State::data ? left_ : 0; }

   private:
    enum class State { size, extension, size_end, data, data_return, data_end, trailer, trailer_end, done, malformed };

    void take(char byte);
    void take_size(char byte);
    void take_trailer(char byte);
    void end_size_line();

    std::size_t chunk_line_bytes_;
    bool chunked_;
    State state_;
    std::uint64_t left_;    ///< of this chunk, or of the body
    std::size_t line_ = 0;  ///< bytes of this line of framing
    std::size_t trailer_ = 0;
};

}  // namespace sbx::daemon
