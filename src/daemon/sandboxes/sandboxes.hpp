#pragma once

#include "core/config/directories.hpp"
#include "core/file_lock.hpp"
#include "core/sandbox/keep.hpp"
#include "core/sandbox/keeper_client.hpp"
#include "core/sandbox/kernel.hpp"
#include "core/store/store.hpp"
#include "daemon/api/route.hpp"
#include "daemon/events/event_feed.hpp"
#include "daemon/executions/code_order.hpp"
#include "daemon/executions/image_cache.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// A sandbox that a caller wants, whichever dialect it was said in.
struct SandboxOrder {
    std::string name;
    std::string language;  ///< empty: Python
    std::optional<std::string> image;
    std::vector<std::string> libraries;
    std::map<std::string, Content> files;
    std::map<std::string, std::string> environment;
    std::vector<std::string> allow;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> metadata;  ///< any texts, which mean nothing here
    std::string directory;                        ///< where its programs start; empty: /work
    std::string home;                             ///< what its work directory is called; empty: /work
    bool full_network = false;                    ///< the operator's alone
    LimitsWish limits;
    std::optional<std::chrono::milliseconds> life;
    std::optional<std::chrono::milliseconds> idle;
    bool grows = false;  ///< libraries can come while it lives, into a volume of its own
    Granted granted;
};

struct SandboxBounds {
    std::size_t total = 32;
    std::size_t per_key = 16;
    bool counts_each_dialect = false;  ///< `per_key` is what a key may have in each dialect
    std::chrono::milliseconds life = std::chrono::hours(1);
    std::chrono::milliseconds idle = std::chrono::minutes(10);
    std::chrono::milliseconds longest_life = std::chrono::hours(24);
};

/// What sandboxes of a daemon need.
struct SandboxServices {
    Engine& engine;
    std::string endpoint;
    const Settings& settings;
    const Directories& own;
    std::string instance;
    ImageCache& images;
    Store& store;
    EventFeed& events;
};

/// A sandbox that lives, with its keeper.
struct Living {
    explicit Living(const asio::any_io_executor& executor) : changed(executor) {}

    SandboxRecord record;  ///< as it was made; `keeper` has the present one
    Keeper* keeper = nullptr;
    bool ready = false;
    std::optional<FileLock> lock;      ///< says that it has a keeper
    std::optional<Result<void>> over;  ///< once nobody keeps it any more
    /// Kept from one execution to the next; by language and context. They go before the keeper does.
    std::map<std::string, std::shared_ptr<KernelSession>> kernels;
    Condition changed;
    bool buried = false;      ///< nobody keeps it any more, and nothing of it is left to be done
    std::size_t sockets = 0;  ///< WebSockets to its programs

    const SandboxRecord& now() const { return keeper != nullptr ? keeper->record() : record; }
};

/// A kernel of a sandbox that lives, for as long as it is used.
struct KernelUse {
    Keeper::Guest guest;
    std::shared_ptr<KernelSession> session;
};

/// The sandboxes that this daemon keeps. One thread.
class Sandboxes {
   public:
    /// @param state  the user's state directory: his commands see these sandboxes too
    Sandboxes(const asio::any_io_executor& executor, SandboxServices services, const std::filesystem::path& state,
              SandboxBounds bounds);

    /// Takes over those that an earlier daemon left, and remembers the end of those that ended meanwhile. To be called
    /// before anything is made, and again where that fails.
    /// @return ids of containers that nobody needs: left by an earlier daemon, as long as nothing was made meanwhile
    /// @error what Engine::list gives
    asio::awaitable<Result<std::vector<std::string>>> adopt();

    /// Makes one; nothing is left when that fails.
    /// @error invalid_argument, resource_exhausted, image_unavailable, conflict
    asio::awaitable<Result<std::shared_ptr<Living>>> create(SandboxOrder order, Caller caller, std::string dialect);

    bool is_paused(const Living& living) const { return sbx::is_paused(store_, living.record); }

    /// One of the caller's that can be used.
    /// @error not_found  there is none, it has ended, or it is another's
    /// @error conflict   it is paused
    Result<std::shared_ptr<Living>> find(const std::string& id, const Caller& caller) const;
    /// The same, paused or not.
    Result<std::shared_ptr<Living>> find_any(const std::string& id, const Caller& caller) const;
    /// One of the caller's by its name, paused or not, where one of these dialects made it.
    /// @error not_found
    Result<std::shared_ptr<Living>> find_named(const std::string& name, std::span<const std::string_view> dialects,
                                               const Caller& caller) const;
    /// Whether those that an earlier daemon left are among them.
    /// @error unavailable  the engine has not told yet which of them live
    Result<void> are_known() const;
    /// All of the caller's that live, oldest first.
    std::vector<std::shared_ptr<Living>> list(const Caller& caller) const;
    /// Those of them that one of these dialects made.
    std::vector<std::shared_ptr<Living>> list(const Caller& caller, std::span<const std::string_view> dialects) const;

    /// Those of the caller's that have ended too, oldest first.
    std::vector<SandboxRecord> records(const Caller& caller) const;
    /// Forgets one of the caller's that has ended.
    /// @error not_found
    Result<void> forget(const std::string& id, const Caller& caller) const;

    asio::awaitable<Result<void>> remove(std::shared_ptr<Living> living);
    /// Lets all of them live on for the next daemon, which has so much time to come.
    asio::awaitable<void> release(std::chrono::milliseconds life);
    /// All of everybody.
    asio::awaitable<void> remove_all();
    asio::awaitable<Result<void>> extend(std::shared_ptr<Living> living, std::chrono::milliseconds life);
    asio::awaitable<Result<void>> pause(std::shared_ptr<Living> living);
    asio::awaitable<Result<void>> resume(std::shared_ptr<Living> living);

    /// Has a conversation with the sandbox's keeper, as `talk_to_keeper`.
    template <class T>
    static asio::awaitable<Result<T>> talk(std::shared_ptr<Living> living,
                                           std::function<asio::awaitable<Result<T>>(AgentLink&)> work)
    {
        Result<std::unique_ptr<Channel>> channel = connect(*living);
        if (!channel) co_return channel.error();
        SandboxRecord record = living->now();
        co_return co_await talk_to_keeper<T>(std::move(*channel), std::move(record), std::move(work));
    }
    /// A connection to its keeper.
    /// @error not_found  it has ended
    static Result<std::unique_ptr<Channel>> connect(const Living& living);
    /// The same for somebody who speaks to its agent itself, while he does so.
    static Result<Keeper::Guest> invite(const Living& living);
    /// Lets whoever is at the other end speak to its keeper.
    static void admit(const Living& living, std::unique_ptr<Channel> channel);

    /// A kernel of it, which may have to be started.
    /// @error not_found  the sandbox has ended
    Result<KernelUse> kernel(Living& living, KernelPlace place) const;

    const SandboxStore& store() const { return store_; }
    std::size_t count() const { return living_.size(); }
    /// How many there are of each state: starting, running, paused.
    std::map<std::string, std::size_t> states() const;

   private:
    Result<void> check_room(const Caller& caller, std::string_view dialect) const;
    asio::awaitable<Result<SandboxRecord>> make_record(SandboxOrder order, Caller caller);
    asio::awaitable<Result<void>> equip(SandboxRecord& record, const SandboxOrder& order, const Language& language);
    std::shared_ptr<Living> keep(SandboxRecord record);
    asio::awaitable<void> bury(std::shared_ptr<Living> living);
    asio::awaitable<void> remove_volume(SandboxRecord record);
    asio::awaitable<void> remove_lost_volumes();
    void publish(std::string_view type, const SandboxRecord& record) const;
    asio::awaitable<Result<void>> set_up(std::shared_ptr<Living> living, SandboxOrder order);

    asio::any_io_executor executor_;
    SandboxServices services_;
    SandboxStore store_;
    SandboxBounds bounds_;
    bool adopted_ = false;
    std::map<std::string, std::shared_ptr<Living>> living_;
};

}  // namespace sbx::daemon
