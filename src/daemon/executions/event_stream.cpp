#include "daemon/executions/event_stream.hpp"

#include "core/sandbox/record_json.hpp"
#include "daemon/api/request_json.hpp"
#include "daemon/executions/attend.hpp"
#include "sbx/utf8.hpp"

#include <fmt/format.h>

namespace sbx::daemon {

using nlohmann::ordered_json;

std::optional<EventForm> wanted_events(const RequestHead& head)
{
    const std::string_view accept = head.fields[http::field::accept];
    if (accept.find("application/x-ndjson") != std::string_view::npos) return EventForm::ndjson;
    if (accept.find("text/event-stream") != std::string_view::npos) return EventForm::sse;
    return std::nullopt;
}

std::string EventStream::rendered(const ordered_json& event) const
{
    if (form_ == EventForm::ndjson) return dump(event) + "\n";
    return fmt::format("event: {}\ndata: {}\n\n", event["type"].get_ref<const std::string&>(), dump(event));
}

ordered_json EventStream::output_event(OutputStream stream, const std::string& bytes)
{
    ordered_json event;
    event["type"] = stream == OutputStream::out ? "stdout" : "stderr";
    put_bytes(event, "data", bytes);
    return event;
}

void EventStream::on_start(Phase phase)
{
    ordered_json event;
    event["type"] = "start";
    event["phase"] = boost::describe::enum_to_string(phase, "?");
    starts_ += rendered(event);
    changed_.notify_all();
}

void EventStream::begin()
{
    wants_head_ = true;
    changed_.notify_all();
}

asio::awaitable<void> EventStream::during(asio::awaitable<void> work)
{
    bool over = false;
    co_await work_beside(std::move(work), tell_starts(over), over, changed_);
}

asio::awaitable<void> EventStream::tell_starts(const bool& over)
{
    Result<void> told;
    while (!over && told) {
        std::string nothing_else;
        if (starts_.empty() && (begun_ || !wants_head_))
            co_await changed_.wait(std::nullopt);
        else
            told = co_await write(std::move(nothing_else));
    }
}

asio::awaitable<Result<void>> EventStream::write(std::string text)
{
    while (writing_) co_await changed_.wait(std::nullopt);
    writing_ = true;
    std::exception_ptr thrown;
    Result<void> written;
    try {
        written = co_await write_alone(std::move(text));
    } catch (...) {
        thrown = std::current_exception();
    }
    writing_ = false;
    changed_.notify_all();
    if (thrown) std::rethrow_exception(thrown);
    co_return written;
}

asio::awaitable<Result<void>> EventStream::write_alone(std::string text)
{
    text.insert(0, std::exchange(starts_, {}));
    if (!begun_) {
        begun_ = true;
        Response head(200, "", form_ == EventForm::ndjson ? "application/x-ndjson" : "text/event-stream");
        const Result<void> begun = co_await exchange_.begin(std::move(head));
        if (!begun) co_return begun;
        if (exchange_.head().method == http::verb::head) {
            (void)co_await exchange_.finish();
            co_return Error(Errc::cancelled, "only the head was asked for");
        }
    }
    if (text.empty()) co_return Result<void>();
    co_return co_await exchange_.write(text);
}

asio::awaitable<Result<void>> EventStream::tell(ordered_json event)
{
    std::string text = rendered(event);
    co_return co_await write(std::move(text));
}

asio::awaitable<Result<void>> EventStream::tell(std::string_view type, std::string_view id, std::string_view data)
{
    std::string text = form_ == EventForm::ndjson ? fmt::format("{}\n", data)
                                                  : fmt::format("event: {}\nid: {}\ndata: {}\n\n", type, id, data);
    co_return co_await write(std::move(text));
}

asio::awaitable<Result<void>> EventStream::keep_alive()
{
    std::string text = form_ == EventForm::ndjson ? "\n" : ":\n\n";
    co_return co_await write(std::move(text));
}

asio::awaitable<Result<void>> EventStream::on_output(OutputStream stream, std::span<const char> bytes)
{
    std::string& held = held_.at(stream == OutputStream::out ? 0 : 1);
    std::string whole = std::exchange(held, {});
    whole.append(bytes.data(), bytes.size());
    const std::size_t cut = whole.size() - unfinished_character(whole);
    held = whole.substr(cut);
    whole.resize(cut);
    if (whole.empty()) co_return Result<void>();
    std::string text = rendered(output_event(stream, whole));
    co_return co_await write(std::move(text));
}

asio::awaitable<void> EventStream::finish(std::vector<ordered_json> last)
{
    std::string text;
    for (const OutputStream stream : {OutputStream::out, OutputStream::err}) {
        const std::string rest = std::exchange(held_.at(stream == OutputStream::out ? 0 : 1), {});
        if (!rest.empty()) text += rendered(output_event(stream, rest));
    }
    for (const ordered_json& event : last) text += rendered(event);
    const Result<void> written = co_await write(std::move(text));
    if (written) (void)co_await exchange_.finish();
}

asio::awaitable<Result<RunResult>> tell_during(Exchange& exchange, EventStream* events, RunningProgram& program,
                                               asio::awaitable<Result<RunResult>> work)
{
    if (events == nullptr) co_return co_await attend(exchange, program, std::move(work));
    std::optional<Result<RunResult>> result;
    const auto run = [&]() -> asio::awaitable<void> {
        result.emplace(co_await attend(exchange, program, std::move(work)));
    };
    co_await events->during(run());
    co_return std::move(*result);
}

}  // namespace sbx::daemon
