#include "cli/run_streams.hpp"

#include "core/json.hpp"
#include "core/sandbox/record_json.hpp"
#include "sbx/utf8.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace sbx::cli {

boost::asio::awaitable<Result<void>> RecordedStreams::write(OutputStream /*stream*/, std::span<const char> /*bytes*/)
{
    co_return Result<void>();
}

boost::asio::awaitable<Result<void>> EventStreams::write(OutputStream stream, std::span<const char> bytes)
{
    std::string& held = held_.at(stream == OutputStream::out ? 0 : 1);
    std::string whole = std::exchange(held, {});
    whole.append(bytes.data(), bytes.size());
    const std::size_t cut = whole.size() - unfinished_character(whole);
    held = whole.substr(cut);
    whole.resize(cut);
    if (whole.empty()) co_return Result<void>();
    co_return co_await write_output(stream, std::move(whole));
}

boost::asio::awaitable<Result<void>> EventStreams::finish()
{
    for (const OutputStream stream : {OutputStream::out, OutputStream::err}) {
        std::string rest = std::exchange(held_.at(stream == OutputStream::out ? 0 : 1), {});
        if (rest.empty() && (starts_.empty() || stream == OutputStream::err)) continue;
        const Result<void> written = co_await write_output(stream, std::move(rest));
        if (!written) co_return written;
    }
    co_return Result<void>();
}

boost::asio::awaitable<Result<void>> EventStreams::write_output(OutputStream stream, std::string bytes)
{
    if (bytes.empty()) co_return co_await write_started("");
    nlohmann::ordered_json event;
    event["type"] = stream == OutputStream::out ? "stdout" : "stderr";
    put_bytes(event, "data", bytes);
    co_return co_await tell(event);
}

boost::asio::awaitable<Result<void>> EventStreams::tell(const nlohmann::ordered_json& event)
{
    co_return co_await write_started(event.dump() + "\n");
}

boost::asio::awaitable<Result<void>> EventStreams::write_started(std::string lines)
{
    lines.insert(0, std::exchange(starts_, {}));
    if (lines.empty()) co_return Result<void>();
    co_return co_await StandardStreams::write(OutputStream::out, lines);
}

void EventStreams::on_start(Phase phase)
{
    nlohmann::ordered_json event;
    event["type"] = "start";
    event["phase"] = boost::describe::enum_to_string(phase, "?");
    starts_ += event.dump() + "\n";
    // Writes of one descriptor are done in their order: `finish` comes after this one.
    boost::asio::co_spawn(executor(), write_started(""), boost::asio::detached);
}

}  // namespace sbx::cli
