#include "daemon/http/multipart.hpp"

#include <algorithm>
#include <utility>

namespace sbx::daemon {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;  // that are looked at at once
constexpr std::size_t most_padding = 32;                    // after a boundary
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view last_mark = "--";

Error malformed(std::string what)
{
    return Error(Errc::invalid_argument, std::move(what));
}

/// The blanks and the line end with which a boundary's line ends: nothing where they are not there, and none of them
/// where they may still come.
std::optional<std::string_view> rest_of_line(std::string_view text)
{
    const std::size_t padding = std::min(text.find_first_not_of(" \t"), text.size());
    const std::string_view end = text.substr(padding, line_end.size());
    if (padding > most_padding || !line_end.starts_with(end)) return std::nullopt;
    return text.substr(0, end == line_end ? padding + end.size() : 0);
}

}  // namespace

// As if a line had ended before the body, so that the first boundary may stand at its beginning.
MultipartDecoder::MultipartDecoder(std::string_view boundary)
    : delimiter_(std::string("\r\n--").append(boundary)), held_(line_end)
{
}

Result<void> MultipartDecoder::feed(std::string_view bytes, MultipartSink& sink)
{
    while (!failure_ && !bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        bytes.remove_prefix(piece.size());
        held_ += piece;
        if (Result<void> taken = take_held(sink); !taken) failure_ = taken.error();
    }
    if (failure_) return *failure_;
    return {};
}

Result<void> MultipartDecoder::finish() const
{
    if (failure_) return *failure_;
    if (state_ != State::epilogue) return malformed("the form is cut");
    return {};
}

/// Everything that is held and whose meaning is sure.
Result<void> MultipartDecoder::take_held(MultipartSink& sink)
{
    std::size_t used = 0;
    for (;;) {
        const State before = state_;
        const Result<std::size_t> taken = take_some(std::string_view(held_).substr(used), sink);
        if (!taken) return taken.error();
        used += *taken;
        if (state_ == before) break;
    }
    held_.erase(0, used);
    return {};
}

/// @return how many bytes are done with; what they were changes, or there is no more to do for now
Result<std::size_t> MultipartDecoder::take_some(std::string_view bytes, MultipartSink& sink)
{
    if (state_ == State::head) return take_head(bytes, sink);
    if (state_ != State::epilogue) return take_text(bytes, sink);
    if (Result<void> passed = pass_over(bytes.size()); !passed) return passed.error();
    return bytes.size();
}

/// What ends at a boundary: a part's data, and what is before the first part.
Result<std::size_t> MultipartDecoder::take_text(std::string_view bytes, MultipartSink& sink)
{
    const Boundary boundary = find_boundary(bytes);
    if (Result<void> passed = pass_on(bytes.substr(0, boundary.at), sink); !passed) return passed.error();
    if (boundary.kind != Kind::unfinished)
        if (Result<void> ended = end_text(boundary.kind, sink); !ended) return ended.error();
    return boundary.at + boundary.size;
}

Result<void> MultipartDecoder::pass_on(std::string_view bytes, MultipartSink& sink)
{
    if (state_ == State::preamble) return pass_over(bytes.size());
    if (bytes.empty()) return {};
    return sink.on_data(bytes);
}

Result<void> MultipartDecoder::pass_over(std::size_t bytes)
{
    outside_ += bytes;
    if (outside_ > most_outside_bytes) return malformed("there is too much outside of the form's parts");
    return {};
}

Result<void> MultipartDecoder::end_text(Kind boundary, MultipartSink& sink)
{
    if (state_ == State::data)
        if (Result<void> ended = sink.on_end(); !ended) return ended;
    state_ = boundary == Kind::of_part ? State::head : State::epilogue;
    outside_ = 0;
    if (state_ == State::head && ++parts_ > most_parts) return malformed("the form has too many parts");
    return {};
}

/// The first boundary, or what may become one.
MultipartDecoder::Boundary MultipartDecoder::find_boundary(std::string_view bytes) const
{
    std::size_t at = bytes.find(delimiter_);
    for (; at != std::string_view::npos; at = bytes.find(delimiter_, at + 1)) {
        const Boundary boundary = boundary_at(bytes, at);
        if (boundary.kind != Kind::look_alike) return boundary;
    }
    return {Kind::unfinished, bytes.size() - begun_delimiter(bytes), 0};
}

MultipartDecoder::Boundary MultipartDecoder::boundary_at(std::string_view bytes, std::size_t at) const
{
    const std::string_view after = bytes.substr(at + delimiter_.size());
    if (after.starts_with(last_mark)) return {Kind::of_end, at, delimiter_.size() + last_mark.size()};
    if (last_mark.starts_with(after)) return {Kind::unfinished, at, 0};
    const std::optional<std::string_view> rest = rest_of_line(after);
    if (!rest) return {Kind::look_alike, at, 0};
    if (rest->empty()) return {Kind::unfinished, at, 0};
    return {Kind::of_part, at, delimiter_.size() + rest->size()};
}

/// How many bytes at the end are the beginning of a boundary. Only its first byte is a carriage return, so that it can
/// begin in one place alone.
std::size_t MultipartDecoder::begun_delimiter(std::string_view bytes) const
{
    const std::string_view last = bytes.substr(bytes.size() - std::min(bytes.size(), delimiter_.size()));
    const std::size_t at = last.rfind(delimiter_.front());
    if (at == std::string_view::npos || !delimiter_.starts_with(last.substr(at))) return 0;
    return last.size() - at;
}

Result<std::size_t> MultipartDecoder::take_head(std::string_view bytes, MultipartSink& sink)
{
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (head_.size() == most_head_bytes) return malformed("the head of a part is too long");
        if (head_.ends_with('\r') != (bytes[i] == '\n'))
            return malformed("a line of a part's head does not end with CR LF");
        head_ += bytes[i];
        // The empty line, which is the first one where the head says nothing.
        if (!head_.ends_with("\r\n\r\n") && head_ != line_end) continue;
        if (Result<void> begun = begin_part(sink); !begun) return begun.error();
        return i + 1;
    }
    return bytes.size();
}

Result<void> MultipartDecoder::begin_part(MultipartSink& sink)
{
    const Result<MultipartPart> part =
        read_part_head(std::string_view(head_).substr(0, head_.size() - line_end.size()));
    if (!part) return part.error();
    head_.clear();
    state_ = State::data;
    return sink.on_part(*part);
}

}  // namespace sbx::daemon
