#include "core/sandbox/measurement.hpp"

#include "core/sandbox/attachment.hpp"

namespace sbx {
namespace {

/// Takes the end too: nothing is kept of however many measurements.
class MeasureSink : public StreamSink {
   public:
    void on_measured(const wire::Measured& told) override { measured = told; }
    bool on_end(const Outcome& how) override
    {
        outcome = how;
        return true;
    }

    std::optional<wire::Measured> measured;
    std::optional<Outcome> outcome;
};

}  // namespace

asio::awaitable<Result<wire::Measured>> measure(AgentLink& link)
{
    const wire::StreamId stream = link.owner().measure(wire::Measure());
    MeasureSink sink;
    const Attachment attachment(link, stream, sink);
    while (!sink.outcome && !link.is_over()) co_await link.changed().wait(std::nullopt);
    if (link.fault()) co_return *link.fault();
    if (!sink.outcome) co_return Error(Errc::unavailable, "the sandbox ended before it answered");
    if (const auto* failure = std::get_if<wire::Failure>(&*sink.outcome)) co_return wire::to_error(*failure);
    if (!sink.measured) co_return Error(Errc::internal, "the agent told no figures");
    co_return *sink.measured;
}

}  // namespace sbx
