#include "daemon/ports/answer_reader.hpp"

#include "daemon/http/ascii.hpp"

#include <boost/none.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace sbx::daemon {
namespace {

constexpr std::uint32_t most_head_bytes = 32U << 10;
constexpr std::size_t most_fields = 128;
constexpr unsigned most_interim = 16;
constexpr std::size_t shortest_end = 5;  // of chunks: a zero and two line ends

Error malformed()
{
    return {Errc::unavailable, "the program's answer is no sound HTTP"};
}

Error cut()
{
    return {Errc::unavailable, "the program has closed the connection before its answer was complete"};
}

}  // namespace

AnswerReader::AnswerReader(bool is_head, bool upgrades) : is_head_(is_head), upgrades_(upgrades)
{
    begin();
}

void AnswerReader::begin()
{
    parser_.emplace();
    parser_->header_limit(most_head_bytes);
    parser_->body_limit(boost::none);  // it is passed on as it comes
    parser_->skip(is_head_);
}

void AnswerReader::feed(std::string_view bytes)
{
    wants_more_ = false;
    const auto room = input_.prepare(bytes.size());
    std::memcpy(room.data(), bytes.data(), bytes.size());
    input_.commit(bytes.size());
}

/// Lets the parser take what it can.
Result<void> AnswerReader::put()
{
    boost::system::error_code ec;
    // Beast asserts that it is not asked about the last chunk's line again before there is a byte that could end it.
    const bool has_enough = input_.size() >= (is_held_ ? shortest_end : 1);
    if (has_enough) {
        input_.consume(parser_->put(input_.cdata(), ec));
        is_held_ = parser_->is_header_done() && ec == http::error::need_more;
    }
    if (ec == http::error::need_buffer) return {};
    if (ec && ec != http::error::need_more) return malformed();
    wants_more_ = !parser_->is_done() && (ec == http::error::need_more || !has_enough || input_.size() == 0);
    // Nothing else bounds the line before a chunk, and the trailer.
    if (wants_more_ && input_.size() > most_head_bytes) return malformed();
    if (!wants_more_ || !input_ended_) return {};
    if (!parser_->is_header_done()) return cut();
    ec.clear();
    parser_->put_eof(ec);
    if (ec) return cut();
    return {};
}

Result<bool> AnswerReader::read_head()
{
    for (;;) {
        const Result<void> taken = put();
        if (!taken) return taken.error();
        if (!parser_->is_header_done()) return false;
        const Result<bool> is_final = judge_head();
        if (!is_final || *is_final) return is_final;
        begin();
    }
}

/// @return whether this is the answer, and not one before it
Result<bool> AnswerReader::judge_head()
{
    constexpr unsigned switching = 101;
    const http::fields& head = fields();
    const std::size_t codings = head.count(http::field::transfer_encoding);
    // Beast takes `gzip, chunked` for chunks, and HTTP/1.0 has none.
    const bool odd_coding =
        codings > 1 || (codings == 1 && (parser_->get().version() != 11 ||
                                         !equals_ignoring_case(head[http::field::transfer_encoding], "chunked")));
    const bool odd_length = head.count(http::field::content_length) > 1;
    const auto size = static_cast<std::size_t>(std::distance(head.begin(), head.end()));
    if (odd_coding || odd_length || size > most_fields || status() < 100 || status() > 599) return malformed();
    if (status() == switching && !upgrades_) return malformed();
    if (status() >= 200 || status() == switching) {
        is_done_ = status() == switching || parser_->is_done();
        return true;
    }
    if (++interim_ > most_interim) return malformed();
    return false;
}

Result<std::size_t> AnswerReader::read_body(std::span<char> into)
{
    auto& body = parser_->get().body();
    body.data = into.data();
    body.size = into.size();
    body.more = true;
    Result<void> taken = {};
    do {
        taken = put();
    } while (taken && !wants_more_ && !parser_->is_done() && body.size > 0);
    const std::size_t count = into.size() - body.size;
    if (!taken) return taken.error();
    is_done_ = parser_->is_done();
    return count;
}

std::optional<std::uint64_t> AnswerReader::length() const
{
    const auto length = parser_->content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

std::string_view AnswerReader::rest() const
{
    const auto bytes = input_.cdata();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace sbx::daemon
