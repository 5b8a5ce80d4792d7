// What anybody can upload: a form in pieces. However it is cut it means the same, and what was put into it comes out.
#include "daemon/http/multipart.hpp"
#include "sbx/utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace sbx;
using namespace sbx::daemon;

void require(bool truth)
{
    if (!truth) std::abort();
}

struct Outcome : MultipartSink {
    Result<void> on_part(const MultipartPart& part) override
    {
        require(is_utf8(part.name) && is_utf8(part.file_name.value_or("")));
        require(!open);
        open = true;
        parts.push_back(part);
        data.emplace_back();
        return {};
    }
    Result<void> on_data(std::string_view bytes) override
    {
        require(open && !bytes.empty());
        data.back() += bytes;
        return {};
    }
    Result<void> on_end() override
    {
        require(open);
        open = false;
        return {};
    }

    std::vector<MultipartPart> parts;
    std::vector<std::string> data;
    bool open = false;
    bool failed = false;
};

Outcome decode(std::string_view bytes, std::size_t piece)
{
    Outcome outcome;
    MultipartDecoder decoder("X-b");
    for (; !bytes.empty() && !outcome.failed; bytes.remove_prefix(std::min(piece, bytes.size())))
        outcome.failed = !decoder.feed(bytes.substr(0, piece), outcome);
    outcome.failed = !decoder.finish();
    // What was passed on before a failure depends on the pieces.
    if (outcome.failed && !outcome.data.empty()) outcome.data.back().clear();
    require(outcome.failed || !outcome.open);
    return outcome;
}

void require_same(const Outcome& a, const Outcome& b)
{
    require(a.failed == b.failed && a.parts == b.parts && a.data == b.data);
}

/// As the content of one part; a boundary in it may end that part early, which nobody can know better.
void require_content(std::string_view content)
{
    std::string body = "--X-b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    body.append(content).append("\r\n--X-b--");
    const Outcome outcome = decode(body, body.size());
    require(!outcome.data.empty());
    if (content.find("\r\n--X-b") == std::string_view::npos)
        require(!outcome.failed && outcome.parts.size() == 1 && outcome.data[0] == content);
}

}  // namespace

/// The first byte says how large the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (size == 0) return 0;
    const std::size_t piece = input[0] + std::size_t{1};
    const std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    require_same(decode(bytes, piece), decode(bytes, size));
    require_content(bytes);
    static_cast<void>(boundary_of(bytes));
    return 0;
}
