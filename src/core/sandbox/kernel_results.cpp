#include "core/sandbox/kernel_results.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

namespace sbx {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_record_bytes = std::size_t{64} << 20;

}  // namespace

void KernelResults::add(const KernelAnswer& answer)
{
    if (answer.type == KernelAnswerType::error) {
        if (error_.is_null()) error_ = answer.fields;
        return;
    }
    if (answer.type == KernelAnswerType::clear) {
        clear_next_ = answer.fields["wait"] == true;
        if (!clear_next_) clear();
        return;
    }
    if (bytes_ + answer.bytes > most_record_bytes) {
        truncated_ = true;
        return;
    }
    bytes_ += answer.bytes;
    if (clear_next_) clear();
    if (answer.type == KernelAnswerType::display_update) return replace(answer.fields);
    shown_.push_back(event_of(answer));
}

/// A display that is updated stands where it stood; one that is not there any more is not shown.
void KernelResults::replace(const ordered_json& fields)
{
    for (ordered_json& each : shown_) {
        if (!each.contains("display_id") || each["display_id"] != fields.value("display_id", "")) continue;
        each["data"] = fields["data"];
        each["metadata"] = fields["metadata"];
    }
}

void KernelResults::clear()
{
    shown_ = ordered_json::array();
    clear_next_ = false;
}

void KernelResults::complete(ordered_json& record) const
{
    record["results"] = shown_;
    if (!error_.is_null()) record["error"] = error_;
    if (truncated_) record["truncated"] = true;
}

ordered_json event_of(const KernelAnswer& answer)
{
    ordered_json event;
    event["type"] = boost::describe::enum_to_string(answer.type, "?");
    event.update(answer.fields);
    return event;
}

std::string text_of(const KernelAnswer& answer)
{
    const ordered_json& data = answer.fields["data"];
    if (const auto text = data.find("text/plain"); text != data.end()) return text->get<std::string>();
    std::string types;
    for (const auto& [mime, value] : data.items()) types += fmt::format("{}<{}>", types.empty() ? "" : " ", mime);
    return types;
}

boost::asio::awaitable<Result<void>> show_answer(ProgramIo& streams, const KernelAnswer& answer, std::string value)
{
    const bool failed = answer.type == KernelAnswerType::error;
    std::string text = failed ? answer.fields["traceback"].get<std::string>() : std::move(value);
    if (text.empty()) co_return Result<void>();
    if (!text.ends_with('\n')) text += '\n';
    const OutputStream stream = failed ? OutputStream::err : OutputStream::out;
    co_return co_await streams.write(stream, text);
}

}  // namespace sbx
