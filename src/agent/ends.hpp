#pragma once

#include "core/wire/frame.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace sbx::agent {

/// How the last streams ended, for those that come after them.
class Ends {
   public:
    void add(wire::StreamId id, bool succeeded) { ends_[next_++ % ends_.size()] = {id, succeeded}; }
    /// @return nothing when that stream is not known to have ended
    std::optional<bool> find(wire::StreamId id) const
    {
        const auto* end = std::ranges::find(ends_, id, &End::id);
        return id == 0 || end == ends_.end() ? std::nullopt : std::optional(end->succeeded);
    }
    void clear() { ends_ = {}; }

   private:
    struct End {
        wire::StreamId id = 0;
        bool succeeded = false;
    };

    std::array<End, 64> ends_{};
    std::size_t next_ = 0;
};

}  // namespace sbx::agent
