#pragma once

#include "core/sandbox/sandbox_way.hpp"
#include "daemon/api/field.hpp"
#include "daemon/executions/executions.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// A single-use sandbox that a caller wants for a program that he moves himself, over the wire (docs/wire.md).
struct LendOrder {
    std::string language = "python";
    std::optional<std::string> image;
    std::vector<std::string> libraries;
    std::vector<std::string> preload;  ///< modules that the interpreter has imported ahead
    std::map<std::string, std::string> labels;
    LimitsWish limits;
    bool no_time_limit = false;  ///< the operator's alone, as the next two
    bool full_network = false;
    bool pooled = true;   ///< one that waits may be taken
    bool patient = true;  ///< it waits for its turn
};
BOOST_DESCRIBE_STRUCT(LendOrder, (),
                      (language, image, libraries, preload, labels, limits, no_time_limit, full_network, pooled,
                       patient))

constexpr auto fields_of(const LendOrder* /*type*/)
{
    return std::to_array<Field>({
        {.name = "language", .description = "Whose image it is", .max_length = 32, .example = R"("python")"},
        {.name = "image", .description = "Instead of the language's: one that GET /v1/images shows"},
        {.name = "libraries", .description = "To be there", .max_length = 100},
        {.name = "preload", .description = "Modules that a waiting interpreter has imported", .max_length = 100},
        {.name = "labels", .description = "Of the sandbox"},
        {.name = "limits", .description = "Those of the sandbox; the others are the client's to keep"},
        {.name = "no_time_limit", .description = "The operator's alone"},
        {.name = "full_network", .description = "The operator's alone"},
        {.name = "pooled", .description = "Whether one that waits will do"},
        {.name = "patient", .description = "Whether to wait for a turn; else it is refused with 429"},
    });
}

/// One that was lent. It ends with its stream.
struct Lent {
    std::string id;
    std::string owner;  ///< the key's id
    const Language* language = nullptr;
    ChosenImage image;
    std::vector<std::pair<std::string, std::string>> environment;  ///< that its libraries need
    bool pooled = false;
    Launched launched;
    Admission::Place place;
    std::chrono::milliseconds longest{0};
};

/// The single-use sandboxes that callers have. One thread.
class Lending {
   public:
    Lending(const asio::any_io_executor& executor, ExecutionServices services)
        : services_(std::move(services)), changed_(executor)
    {
    }

    /// Waits for its turn, then for the sandbox.
    /// @error invalid_argument, resource_exhausted, image_unavailable, permission_denied
    asio::awaitable<Result<Lent>> lend(LendOrder order, Caller caller);
    /// Carries bytes both ways until either side ends; then the sandbox is gone.
    /// @param client  nullptr: he has gone already
    asio::awaitable<void> carry(Lent lent, std::unique_ptr<Channel> client);
    /// How one of the caller's ended; waits for what is about to end.
    /// @error not_found    it is not known, or no longer
    /// @error unavailable  the engine does not know it
    asio::awaitable<Result<Ending>> ending(std::string id, Caller caller);

    /// Takes back all that are lent, and waits for it.
    asio::awaitable<void> close(std::chrono::milliseconds patience);

    /// One of the last that were lent.
    struct Loan {
        std::string id;
        std::string owner;
        std::string image;  ///< its name
        std::chrono::milliseconds created = record_time();
        std::optional<Result<Ending>> ending = std::nullopt;
    };
    /// Oldest first.
    const std::deque<Loan>& loans() const { return loans_; }

   private:
    /// One whose bytes are carried.
    struct Carried;
    Loan* find(const std::string& id);
    void publish(std::string_view type, const Lent& lent, std::string_view state) const;
    asio::awaitable<Result<Launched>> open(const RunRequest& request, bool& pooled);
    asio::awaitable<Result<Launched>> launch(const RunRequest& request, Mount agent);

    ExecutionServices services_;
    std::deque<Loan> loans_;
    std::vector<Carried*> carried_;
    Condition changed_;
};

}  // namespace sbx::daemon
