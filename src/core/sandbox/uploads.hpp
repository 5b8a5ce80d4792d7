#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/input_archive.hpp"
#include "sbx/run.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbx {

/// The input files of a run on their way into the sandbox: one archive a directory that may be written to.
class Uploads {
   public:
    /// @error what InputArchive::open gives
    static Result<Uploads> open(const RunRequest& request);

    /// Queues the operations and as many of their bytes as may be sent at once.
    /// @param after  the operation that has to have ended well before
    /// @return the last operation, after which all files are there; `after` when there are none
    Result<wire::StreamId> queue(wire::Owner& owner, wire::StreamId after = 0);
    /// Sends what the agent takes now.
    /// @return whether there is nothing left to send
    Result<bool> feed(wire::Owner& owner);

    /// Whether the agent has ended all of it, well or not.
    bool are_over(const AgentLink& link) const;
    /// Why files could not be put there, or nullptr.
    const wire::Failure* failure(const AgentLink& link) const;
    /// What was put into the work directory.
    Manifest work_files() const;

   private:
    struct Upload {
        std::string directory;
        std::optional<InputArchive> archive;         ///< made on the way
        std::shared_ptr<const std::string> product;  ///< or an archive that is there already
        std::size_t sent = 0;                        ///< of that one
        wire::StreamId stream = 0;
        std::string pending;  ///< made and not yet allowed to be sent
        bool ended = false;
    };

    static Result<void> feed(Upload& upload, wire::Owner& owner);
    static void feed_product(Upload& upload, wire::Owner& owner);

    std::vector<Upload> uploads_;
    std::uint64_t most_bytes_ = 0;
};

/// Puts the request's input files into a sandbox that runs.
/// @param request  outlives this
/// @error what Uploads::open and the agent give; unavailable  the link ended first
asio::awaitable<Result<void>> put_files(AgentLink& link, const RunRequest& request);

}  // namespace sbx
