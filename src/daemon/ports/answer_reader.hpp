#pragma once

#include "sbx/result.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sbx::daemon {

namespace http = boost::beast::http;

/// Reads what a program answers to one request of HTTP. Its bytes are hostile: what could be understood in two ways is
/// an error, and what follows the answer is dropped. No I/O.
/// @source RFC 9112, sections 4 to 7
class AnswerReader {
   public:
    /// @param is_head   the request was HEAD: no body follows
    /// @param upgrades  101 may be the answer
    AnswerReader(bool is_head, bool upgrades);

    /// Takes what has come. Call it when `read_head` or `read_body` wants more.
    void feed(std::string_view bytes);
    /// Nothing more will come.
    void feed_end() { input_ended_ = true; }

    /// @return whether the head is there; else it wants more. Interim answers (1xx) are passed over.
    /// @error unavailable  it is no HTTP, it is too long, or it was cut
    Result<bool> read_head();
    /// The next bytes of the body.
    /// @return 0: it is over where `is_done` says so, else it wants more
    /// @error unavailable  its framing is malformed, or it was cut
    Result<std::size_t> read_body(std::span<char> into);
    bool is_done() const { return is_done_; }

    unsigned status() const { return parser_->get().result_int(); }
    const http::fields& fields() const { return parser_->get(); }
    /// Where the answer tells it.
    std::optional<std::uint64_t> length() const;
    /// What came after the head: the first bytes of another protocol.
    std::string_view rest() const;

   private:
    void begin();
    Result<void> put();
    Result<bool> judge_head();

    bool is_head_;
    bool upgrades_;
    bool input_ended_ = false;
    bool wants_more_ = false;
    bool is_held_ = false;  ///< part of a chunk's line waits for the rest of it
    bool is_done_ = false;
    unsigned interim_ = 0;
    boost::beast::flat_buffer input_;
    std::optional<http::response_parser<http::buffer_body>> parser_;
};

}  // namespace sbx::daemon
