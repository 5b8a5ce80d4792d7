#include "daemon/http/body_decoder.hpp"

#include "daemon/http/ascii.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t most_digits = 15;  // of a chunk's size: below 2^60
constexpr std::size_t most_trailer_bytes = std::size_t{8} << 10;

}  // namespace

BodyDecoder::BodyDecoder(const Framing& framing, std::size_t chunk_line_bytes)
    : chunk_line_bytes_(chunk_line_bytes),
      chunked_(framing.chunked),
      state_(State::done),
      left_(framing.chunked ? 0 : framing.length)
{
    if (chunked_)
        state_ = State::size;
    else if (left_ > 0)
        state_ = State::data;
}

BodyDecoder::Step BodyDecoder::next(std::string_view bytes, std::size_t most)
{
    Step step;
    while (step.framing < bytes.size() && state_ != State::data && state_ != State::done && state_ != State::malformed)
        take(bytes[step.framing++]);
    if (state_ != State::data) return step;
    step.data = std::min({static_cast<std::uint64_t>(most), left_, std::uint64_t{bytes.size() - step.framing}});
    left_ -= step.data;
    if (left_ == 0) state_ = chunked_ ? State::data_return : State::done;
    return step;
}

void BodyDecoder::take(char byte)
{
    switch (state_) {
        case State::size:
        case State::extension:
            return take_size(byte);
        case State::size_end:
            if (byte != '\n') break;
            return end_size_line();
        case State::data_return:
            if (byte != '\r') break;
            state_ = State::data_end;
            return;
        case State::data_end:
            if (byte != '\n') break;
            state_ = State::size;
            return;
        case State::trailer:
        case State::trailer_end:
            return take_trailer(byte);
        case State::data:
        case State::done:
        case State::malformed:
            return;
    }
    state_ = State::malformed;
}

/// The line before a chunk: its size, and what is ignored of it.
void BodyDecoder::take_size(char byte)
{
    ++line_;
    const int digit = state_ == State::size ? hex_value(byte) : -1;
    if (line_ > chunk_line_bytes_) {
        state_ = State::malformed;
    } else if (digit >= 0) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        if (line_ > most_digits) state_ = State::malformed;
    } else if (byte == '\r' && line_ > 1) {
        state_ = State::size_end;
    } else if (byte == ';' && line_ > 1) {
        state_ = State::extension;
    } else if (state_ == State::size || (is_control(byte) && byte != '\t')) {
        state_ = State::malformed;
    }
}

void BodyDecoder::end_size_line()
{
    line_ = 0;
    state_ = left_ > 0 ? State::data : State::trailer;
}

/// Fields, and the empty line that ends them.
void BodyDecoder::take_trailer(char byte)
{
    ++trailer_;
    if (trailer_ > most_trailer_bytes) {
        state_ = State::malformed;
    } else if (state_ == State::trailer_end) {
        if (byte != '\n')
            state_ = State::malformed;
        else
            state_ = line_ == 0 ? State::done : State::trailer;
        line_ = 0;
    } else if (byte == '\r') {
        state_ = State::trailer_end;
    } else if (is_control(byte) && byte != '\t') {
        state_ = State::malformed;
    } else {
        ++line_;
    }
}

}  // namespace sbx::daemon
