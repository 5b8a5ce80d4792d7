#include "daemon/dialects/brainnet/adjustment_routes.hpp"

#include "core/uuid.hpp"
#include "daemon/debugging/debug_result.hpp"
#include "daemon/sandboxes/storage_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

/// What the backend calls a processor: a part of the path of its requests.
struct ProcessorId {
    std::string text;
};
void read_json(Decoder& decoder, const nlohmann::json& in, ProcessorId& out);

template <>
struct JsonForm<ProcessorId> {
    static constexpr const char* name = "ProcessorId";
    static Schemas::Json schema(Schemas& schemas);
};

struct AdjustProcessor {
    ProcessorId processor_id;
    std::map<std::string, nlohmann::json> adjustments;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(AdjustProcessor, (), (processor_id, adjustments, reason))

constexpr auto fields_of(const AdjustProcessor* /*type*/)
{
    return std::to_array<Field>({
        {.name = "processor_id", .required = true, .example = R"("processor-123")"},
        {.name = "adjustments",
         .description = "Means something to the backend alone",
         .required = true,
         .example = R"({"parameter_x": "new_value", "optimization": "enabled"})"},
        {.name = "reason"},
    });
}

struct AdjustmentSent {
    std::string message = "Processor adjustment sent successfully";
    AdjustmentState status = AdjustmentState::delivered;
    std::string adjustment_id;
    std::int64_t backend_status = 0;
};
BOOST_DESCRIBE_STRUCT(AdjustmentSent, (), (message, status, adjustment_id, backend_status))

struct AdjustmentRequest {
    std::string adjustment_id;
};
BOOST_DESCRIBE_STRUCT(AdjustmentRequest, (), (adjustment_id))

struct AdjustmentReport {
    std::string adjustment_id;
    std::string processor_id;
    AdjustmentState status = AdjustmentState::pending;
    std::int64_t attempts = 0;
    std::optional<std::string> last_error;
    std::string created;
    std::optional<std::string> delivered;
};
BOOST_DESCRIBE_STRUCT(AdjustmentReport, (),
                      (adjustment_id, processor_id, status, attempts, last_error, created, delivered))

namespace {

constexpr std::size_t longest_processor = 256;
constexpr unsigned bad_gateway = 502;
constexpr unsigned insufficient_storage = 507;

/// Of text that is UTF-8.
std::size_t count_characters(std::string_view text)
{
    constexpr auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(text, is_first_byte));
}

/// Whether a server that takes it for parts of a path, as some do once it is decoded, would be led to another path.
bool leads_elsewhere(std::string_view id)
{
    bool found = false;
    for (std::size_t begin = 0; begin <= id.size() && !found;) {
        const std::size_t end = std::min(id.find_first_of("/\\", begin), id.size());
        const std::string_view part = id.substr(begin, end - begin);
        found = part == "." || part == "..";
        begin = end + 1;
    }
    return found;
}

AdjustmentReport report_of(const StoredAdjustment& adjustment)
{
    AdjustmentReport report;
    report.adjustment_id = adjustment.id;
    report.processor_id = adjustment.processor;
    report.status = adjustment.state;
    report.attempts = adjustment.attempts;
    if (!adjustment.last_error.empty()) report.last_error = adjustment.last_error;
    report.created = time_text(adjustment.created);
    if (adjustment.state == AdjustmentState::delivered) report.delivered = time_text(*adjustment.ended);
    return report;
}

class AdjustmentRoutes {
   public:
    AdjustmentRoutes(Adjustments& adjustments, std::shared_ptr<const ErrorShape> errors)
        : adjustments_(adjustments), errors_(std::move(errors))
    {
    }

    asio::awaitable<void> adjust(Call& call, AdjustProcessor request) const
    {
        AdjustmentOrder order;
        order.owner = call.caller.key;
        order.processor = std::move(request.processor_id.text);
        order.adjustments = std::move(request.adjustments);
        order.reason = std::move(request.reason);
        const Result<AdjustmentOutcome> outcome = co_await adjustments_.accept(std::move(order));
        Response response = outcome ? response_of(*outcome) : refusal(outcome.error(), call.exchange.head().id);
        co_await call.exchange.respond(std::move(response));
    }

    asio::awaitable<Result<AdjustmentReport>> find(Call& call, AdjustmentRequest request) const
    {
        const Error unknown(Errc::not_found, "Adjustment not found");
        if (!is_uuid(request.adjustment_id)) co_return unknown;
        std::optional<std::string> owner;
        if (!call.caller.is_operator) owner = call.caller.key;
        std::string id = std::move(request.adjustment_id);
        const Result<StoredAdjustment> found = co_await adjustments_.find(std::move(id), std::move(owner));
        if (found) co_return report_of(*found);
        if (found.error().code == Errc::not_found) co_return unknown;
        co_return found.error();
    }

   private:
    Response response_of(const AdjustmentOutcome& outcome) const
    {
        const StoredAdjustment& adjustment = outcome.adjustment;
        if (adjustment.state == AdjustmentState::delivered) {
            AdjustmentSent sent;
            sent.adjustment_id = adjustment.id;
            sent.backend_status = adjustment.backend_status.value_or(0);
            return Response(200, dump(json_of(sent)));
        }
        nlohmann::ordered_json body;
        if (adjustment.state == AdjustmentState::refused) {
            body["detail"] = "Failed to send adjustment: the backend refused it: " + outcome.reason;
            return Response(static_cast<unsigned>(adjustment.backend_status.value_or(bad_gateway)), dump(body));
        }
        body["detail"] = fmt::format(
            "Failed to send adjustment: the backend at {} cannot be reached ({}); it is kept as {} and tried again",
            adjustments_.place(), outcome.reason, adjustment.id);
        body["adjustment_id"] = adjustment.id;
        return Response(bad_gateway, dump(body));
    }

    Response refusal(const Error& error, const std::string& request_id) const
    {
        if (error.code != Errc::resource_exhausted) return errors_->answer(error, request_id);
        const nlohmann::ordered_json body{{"detail", error.message}};
        return Response(insufficient_storage, dump(body));
    }

    Adjustments& adjustments_;
    std::shared_ptr<const ErrorShape> errors_;
};

}  // namespace

void read_json(Decoder& decoder, const nlohmann::json& in, ProcessorId& out)
{
    decoder.read(in, out.text);
    if (!in.is_string()) return;
    const std::size_t length = count_characters(out.text);
    if (length == 0)
        decoder.fail("String should have at least 1 character", "string_too_short", {{"min_length", 1}});
    else if (length > longest_processor)
        decoder.fail(fmt::format("String should have at most {} characters", longest_processor), "string_too_long",
                     {{"max_length", longest_processor}});
    else if (out.text.find('\0') != std::string::npos)
        decoder.fail_value("a processor's id has no NUL");
    else if (leads_elsewhere(out.text))
        decoder.fail_value("'.' and '..' are no part of a processor's id");
}

Schemas::Json JsonForm<ProcessorId>::schema(Schemas& /*schemas*/)
{
    return {{"type", "string"}, {"title", name}, {"minLength", 1}, {"maxLength", longest_processor}};
}

}  // namespace sbx::daemon

namespace sbx::daemon::brainnet {

void add_adjustment_routes(Routes& routes, Adjustments& adjustments, Store& store)
{
    const auto subject = std::make_shared<AdjustmentRoutes>(adjustments, routes.errors());
    Route& adjust = routes.add_raw<AdjustProcessor, AdjustmentSent>(
        http::verb::post, "/adjust-processor",
        {.summary = "Send a change of a processor to the backend",
         .tag = "brainnet",
         .description = "It is kept until the backend has taken or refused it. Where it is refused, the status is the "
                        "backend's own.",
         .errors = {Errc::unavailable},
         .others = {{bad_gateway, "The backend cannot be reached; it is kept and tried again"},
                    {insufficient_storage, "Too many are kept"}}},
        [subject](Call& call, AdjustProcessor request) { return subject->adjust(call, std::move(request)); });
    refuse_when_full(adjust, store);
    routes.add<AdjustmentRequest, AdjustmentReport>(
        http::verb::get, "/adjust-processor/{adjustment_id}",
        {.summary = "What became of a change of a processor", .tag = "brainnet", .errors = {Errc::not_found}},
        [subject](Call& call, AdjustmentRequest request) { return subject->find(call, std::move(request)); });
}

}  // namespace sbx::daemon::brainnet
