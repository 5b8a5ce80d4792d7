#pragma once

#include "core/config/directories.hpp"
#include "core/config/settings.hpp"
#include "daemon/access/key_access.hpp"
#include "daemon/adjustments/adjustments.hpp"
#include "daemon/api/dialect_set.hpp"
#include "daemon/debugging/debug_runs.hpp"
#include "daemon/dialects/dialects.hpp"
#include "daemon/dialects/librechat/client_access.hpp"
#include "daemon/events/event_feed.hpp"
#include "daemon/http/server.hpp"
#include "daemon/http/tls_context.hpp"
#include "daemon/life/service_notice.hpp"
#include "daemon/log/event_log.hpp"
#include "daemon/ports/ports.hpp"
#include "daemon/sessions/sessions.hpp"

#include <boost/asio/signal_set.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sbx::daemon {

/// Where to listen, and for which dialects.
struct Listen {
    ListenAddress address;
    std::vector<std::string> dialects;  ///< of `dialect_names`; at least one
};

/// What a code interpreter has of its own.
struct InterpreterOptions {
    InterpreterBounds bounds;
    librechat::AccessOptions access;
    std::filesystem::path directory;  ///< of stored files; empty: in the daemon's state directory
};

struct DaemonOptions {
    std::vector<Listen> listens;
    std::vector<std::string> host_names;                ///< that requests may name beside the loopback ones
    std::vector<std::string> domains;                   ///< under which ports of sandboxes have names
    std::vector<std::string> allowed_origins;           ///< of pages that are served elsewhere
    std::vector<std::string> reading_origins;           ///< of those whose pages may also read answers
    std::map<std::string, std::size_t> warm;            ///< sandboxes to keep ready, by language
    std::optional<TlsFiles> tls;                        ///< of what listens at an address; none: plain
    bool remove_on_stop = false;                        ///< sandboxes end with the daemon
    std::string notice_socket;                          ///< of who started it (NOTIFY_SOCKET); empty: nobody
    std::optional<std::chrono::microseconds> watchdog;  ///< whoever started it wants a sign of life so often
    std::optional<TraceTarget> traces;                  ///< where they are sent; none: nowhere
    Backend backend;                                    ///< that adjustments are sent to
    int log_descriptor = -1;
    LogLevel log_level = LogLevel::info;  ///< what is less is not written
    DebugBounds debugging;                ///< of the dialect brainnet
    InterpreterOptions interpreter;       ///< of the dialect librechat
};

/// `sbx serve`: everything that it consists of. One thread, but for the store's.
class Daemon {
   public:
    /// @param engine    outlives this
    /// @param endpoint  where it is, as a user would write it
    /// @param own       the user's directories; the daemon's own is `daemon` below the state's
    /// @param metrics   outlive this; the engine's calls are counted by whoever made it
    Daemon(const asio::any_io_executor& executor, Engine& engine, std::string endpoint, Settings settings,
           Directories own, DaemonOptions options, std::unique_ptr<Store> store, Metrics& metrics);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Begins to listen.
    /// @return where it is reached, as a user would write it
    /// @error permission_denied  an address that others can reach, and no key
    /// @error what make_tls_context gives
    /// @error what HttpServer::listen gives
    Result<std::vector<std::string>> listen();
    /// Serves until a signal ends it.
    asio::awaitable<void> run();

   private:
    asio::awaitable<void> begin();
    asio::awaitable<void> adopt_later();
    asio::awaitable<void> warm_up();
    asio::awaitable<void> look_after_store();
    asio::awaitable<void> look_after_keys();
    asio::awaitable<void> look_after_files();
    asio::awaitable<void> show_life();
    asio::awaitable<void> await_signals();
    asio::awaitable<void> reload();
    void reload_certificate();
    asio::awaitable<void> stop();
    asio::awaitable<void> serve(Exchange& exchange, const DialectSet& set);
    const DialectSet& set_of(const std::vector<std::string>& names);
    void add_span(const AccessRecord& record);
    void tell(const AccessRecord& record);

    asio::any_io_executor executor_;
    Engine& engine_;
    std::string endpoint_;
    Settings settings_;
    Directories own_;
    DaemonOptions options_;
    std::string instance_;
    std::unique_ptr<Store> store_;
    EventLog log_;
    Traces traces_;
    ServiceNotice notice_;
    Metrics& metrics_;
    EventFeed events_;
    ImageCache images_;
    Admission admission_;
    Pool pool_;
    Executions executions_;
    Lending lending_;
    Sandboxes sandboxes_;
    KeyAccess access_;
    Ports ports_;
    IdempotentAnswers idempotent_;
    Templates templates_;
    LibraryInstaller installer_;
    Sessions sessions_;
    DebugRuns debug_runs_;
    Adjustments adjustments_;
    StoredFiles stored_files_;
    Interpreter interpreter_;
    ToolRuns tool_runs_;
    native::Services native_;
    HttpServer http_;
    MetricsSources metrics_sources_;
    std::vector<Dialect> dialects_;
    std::vector<Route> pages_;
    std::map<std::vector<std::string>, std::unique_ptr<DialectSet>> sets_;  ///< by the names of their dialects
    asio::signal_set signals_;
    Condition changed_;
    bool adopted_ = false;
    bool stopping_ = false;
};

}  // namespace sbx::daemon
