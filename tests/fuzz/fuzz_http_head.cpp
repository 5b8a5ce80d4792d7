// What anybody can send to the daemon: a head and its body, in pieces. What is taken must be the same to Beast's
// parser.
#include "daemon/http/body_decoder.hpp"
#include "daemon/http/head_scan.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace sbx::daemon;

void require(bool truth)
{
    if (!truth) std::abort();
}

void compare_with_beast(std::string_view bytes, HeadScan& scan)
{
    http::request_parser<http::empty_body> parser;
    parser.header_limit(1U << 20);
    parser.body_limit(boost::none);
    boost::system::error_code ec;
    const std::string_view head = bytes.substr(0, scan.size());
    parser.put(boost::asio::buffer(head.data(), head.size()), ec);
    // Beast refuses a Connection that is no list of words; here what is no word that is known means nothing.
    if (ec == http::error::bad_value) return;
    require(!ec || ec == http::error::need_more || ec == http::error::unexpected_body);
    require(parser.is_header_done());
    const Framing& framing = scan.head().framing;
    require(parser.chunked() == framing.chunked);
    require(framing.chunked || parser.content_length().value_or(0) == framing.length);
    require(parser.keep_alive() == framing.keep_alive || framing.upgrades);
    require(parser.get().target() == scan.head().target);
    require(std::distance(parser.get().begin(), parser.get().end()) ==
            std::distance(scan.head().fields.begin(), scan.head().fields.end()));
}

/// Whatever the pieces are, the outcome is the same.
struct Outcome {
    std::string body;
    bool done = false;
    bool malformed = false;
    bool operator==(const Outcome&) const = default;
};

Outcome decode(const Framing& framing, std::string_view bytes, std::size_t piece)
{
    BodyDecoder decoder(framing, 256);
    Outcome outcome;
    std::size_t used = 0;
    while (!decoder.is_done() && !decoder.is_malformed() && used < bytes.size()) {
        const std::string_view next = bytes.substr(used, piece);
        const BodyDecoder::Step step = decoder.next(next, piece);
        require(step.framing + step.data <= next.size() && step.framing + step.data > 0);
        outcome.body += next.substr(step.framing, step.data);
        used += step.framing + step.data;
    }
    outcome.done = decoder.is_done();
    outcome.malformed = decoder.is_malformed();
    return outcome;
}

}  // namespace

/// The first byte says how large the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (size == 0) return 0;
    const std::size_t piece = input[0] + std::size_t{1};
    const std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    static const HttpLimits limits;
    HeadScan whole(limits);
    const HeadScan::State state = whole.feed(bytes);
    HeadScan scan(limits);
    for (std::size_t n = piece; scan.state() == HeadScan::State::need_more && n < bytes.size() + piece; n += piece)
        scan.feed(bytes.substr(0, std::min(n, bytes.size())));
    require(scan.state() == state && scan.size() == whole.size());
    if (state == HeadScan::State::refused) require(scan.refusal().status >= 400 && scan.refusal().status < 500);
    if (state != HeadScan::State::complete) return 0;
    compare_with_beast(bytes, scan);
    const std::string_view rest = bytes.substr(scan.size());
    const Framing& framing = scan.head().framing;
    require(decode(framing, rest, piece) == decode(framing, rest, rest.size() + 1));
    return 0;
}
