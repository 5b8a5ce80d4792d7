#pragma once

#include "core/sandbox/attachment.hpp"

#include <deque>
#include <optional>
#include <string>

namespace sbx {

/// What changes in a directory of a sandbox that runs. Whoever does not ask for the next change holds the agent up,
/// and nobody else: it then tells that changes were lost.
class DirectoryWatch : private StreamSink {
   public:
    /// @param link  outlives this
    DirectoryWatch(AgentLink& link, std::string path, bool recursive);

    /// Returns once nothing is missed any more.
    /// @error not_found, permission_denied, too_large  as the agent says
    /// @error unavailable  the link ended first
    asio::awaitable<Result<void>> begin();
    /// @return the next change; nothing when the directory is gone
    /// @error  as of `begin`
    asio::awaitable<Result<std::optional<wire::Changed>>> next();

   private:
    void on_opened() override { is_open_ = true; }
    void on_changed(const wire::Changed& changed) override { changes_.push_back(changed); }

    AgentLink& link_;
    wire::StreamId stream_;
    Attachment attachment_;
    std::deque<wire::Changed> changes_;  ///< bounded by the stream's window
    bool is_open_ = false;
};

}  // namespace sbx
