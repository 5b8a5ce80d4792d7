// Frames for the agent: cut anywhere, they are the same frames, and every message that is read can be written again.
#include "core/wire/frame.hpp"
#include "core/wire/messages.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>

using namespace sbx::wire;

namespace {

template <class Message>
void round_trip(std::string_view json)
{
    Message message;
    Message again;
    if (decode(json, message)) return;
    if (decode(encode(message), again) || again != message) std::abort();
}

struct Digest : FrameSink {
    const char* on_control(const Header& header, std::string_view json) override
    {
        text += "|" + std::to_string(static_cast<int>(header.type)) + " " + std::to_string(header.stream) + " ";
        text += json;
        round_trip<Spawn>(json);
        round_trip<TarOut>(json);
        round_trip<Signal>(json);
        round_trip<Entries>(json);
        round_trip<Failure>(json);
        round_trip<Egress>(json);
        return nullptr;
    }
    const char* on_bytes(const Header&, std::span<const char> piece) override
    {
        text.append(piece.data(), piece.size());
        return nullptr;
    }

    std::string text;
};

std::string digest(std::span<const char> bytes, std::size_t step)
{
    Digest sink;
    Decoder decoder(Direction::to_agent);
    const char* refusal = nullptr;
    while (!bytes.empty() && !refusal) {
        const auto piece = bytes.first(std::min(step, bytes.size()));
        refusal = decoder.feed(piece, sink);
        bytes = bytes.subspan(piece.size());
    }
    return sink.text + (refusal ? refusal : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
    if (size == 0) return 0;
    const std::span<const char> bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
    if (digest(bytes, bytes.size() + 1) != digest(bytes, std::size_t{input[0]} + 1)) std::abort();
    return 0;
}
