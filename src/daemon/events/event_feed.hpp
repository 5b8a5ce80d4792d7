#pragma once

#include "core/sandbox/condition.hpp"
#include "daemon/api/route.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// Something that happened to an execution or a sandbox.
struct FeedEvent {
    std::string id;    ///< as a client gives it back in Last-Event-ID
    std::string type;  ///< "sandbox.ended"
    std::string data;  ///< the JSON object that is told
};

/// The last things that happened, for any number of readers, each at its own pace. What belongs to a key is numbered
/// and kept by itself: nobody learns how much others do, and nobody's events push out another's. One thread.
class EventFeed {
   public:
    class Reader;

    explicit EventFeed(const asio::any_io_executor& executor);

    /// @param type   its subject and what became of it, with a dot between: "sandbox.ended"; JSON has nothing to escape
    /// @param owner  the id of a key; empty: nobody's
    /// @param what   of the subject, an object
    void publish(std::string_view type, const std::string& owner, const nlohmann::ordered_json& what);

    /// @param last_id  of the last event that the caller was told, maybe by an earlier daemon; empty: only what comes
    ///                 from now on is told
    /// @error resource_exhausted  there are too many readers
    Result<std::unique_ptr<Reader>> read(Caller caller, std::string_view last_id);

    /// Nothing more will come; waits until readers have gone.
    asio::awaitable<void> close(std::chrono::milliseconds patience);
    bool is_closed() const { return closed_; }
    /// Notified when there is more, and at the end.
    Condition& changed() { return changed_; }

   private:
    /// The last events of somebody, or of all.
    struct Ring {
        std::uint64_t end() const { return first + events.size(); }

        std::uint64_t first = 1;  ///< the number of the oldest
        std::deque<FeedEvent> events;
    };

    std::string id_of(std::uint64_t number) const;
    std::uint64_t number_after(std::string_view id, const Ring& ring) const;
    /// @param rest  of the JSON text, what comes after the event's id
    void put(Ring& ring, std::size_t most, std::string_view type, std::string_view rest) const;

    std::string boot_;                    ///< tells this daemon's ids from those of its predecessors
    Ring all_;                            ///< for the operator
    std::map<std::string, Ring> of_key_;  ///< for everybody else
    std::multiset<std::string> readers_;  ///< by key
    bool closed_ = false;
    Condition changed_;
};

/// Somebody who is told, and how far he is.
class EventFeed::Reader {
   public:
    Reader(EventFeed& feed, std::string key, const Ring& ring, std::uint64_t next);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The next event.
    /// @return valid until something is published; nullptr: there is none yet, or he has missed some
    const FeedEvent* next();
    /// Goes past what he will never be told. @return whether there was anything
    bool skip_missed();
    /// The id of what was told, or passed over, last.
    std::string last_id() const { return feed_.id_of(std::max(next_, ring_.first) - 1); }

   private:
    EventFeed& feed_;
    std::string key_;
    const Ring& ring_;
    std::uint64_t next_;  ///< 0: what he was told is not known here
};

}  // namespace sbx::daemon
