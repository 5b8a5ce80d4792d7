#pragma once

#include "daemon/http/multipart_head.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Takes the parts of a form as they come. An error of one ends the decoding, and `feed` returns it.
class MultipartSink {
   public:
    virtual ~MultipartSink() = default;
    virtual Result<void> on_part(const MultipartPart& part) = 0;
    /// @param bytes  the next of the part's, never none; how they are cut means nothing
    virtual Result<void> on_data(std::string_view bytes) = 0;
    /// The part is complete.
    virtual Result<void> on_end() = 0;
};

/// Takes a body of multipart/form-data apart as it arrives, whatever its size: of what was fed it keeps at most one
/// head or the beginning of one boundary. What is before the first part and after the last one is passed over. A line
/// that begins as a boundary and goes on as something else is data. No I/O.
/// @source RFC 7578; RFC 2046, section 5.1.1
class MultipartDecoder {
   public:
    static constexpr std::size_t most_head_bytes = std::size_t{16} << 10;
    static constexpr std::size_t most_outside_bytes = std::size_t{16} << 10;  ///< before the parts, and after them
    static constexpr std::size_t most_parts = 1'000;

    /// @param boundary  as `boundary_of` gives it
    explicit MultipartDecoder(std::string_view boundary);

    /// @error invalid_argument  the body is malformed, or beyond a bound above; from then on it is the answer to all
    Result<void> feed(std::string_view bytes, MultipartSink& sink);

    /// To be asked when the body is at its end.
    /// @error invalid_argument  it was cut before the end of the form
    Result<void> finish() const;

   private:
    enum class State { preamble, head, data, epilogue };
    enum class Kind { of_part, of_end, look_alike, unfinished };
    struct Boundary {
        Kind kind = Kind::unfinished;
        std::size_t at = 0;    ///< where it begins, or where one may have begun
        std::size_t size = 0;  ///< with the rest of its line
    };

    Result<void> take_held(MultipartSink& sink);
    Result<std::size_t> take_some(std::string_view bytes, MultipartSink& sink);
    Result<std::size_t> take_text(std::string_view bytes, MultipartSink& sink);
    Result<std::size_t> take_head(std::string_view bytes, MultipartSink& sink);
    Result<void> pass_on(std::string_view bytes, MultipartSink& sink);
    Result<void> pass_over(std::size_t bytes);
    Result<void> begin_part(MultipartSink& sink);
    Result<void> end_text(Kind boundary, MultipartSink& sink);
    Boundary find_boundary(std::string_view bytes) const;
    Boundary boundary_at(std::string_view bytes, std::size_t at) const;
    std::size_t begun_delimiter(std::string_view bytes) const;

    std::string delimiter_;  ///< with the line end before it, which is no data
    State state_ = State::preamble;
    std::string held_;         ///< what was fed and not yet understood
    std::string head_;         ///< of the part that begins
    std::size_t outside_ = 0;  ///< bytes that were passed over, here
    std::size_t parts_ = 0;
    std::optional<Error> failure_;
};

}  // namespace sbx::daemon
