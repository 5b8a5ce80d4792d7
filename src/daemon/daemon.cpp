#include "daemon/daemon.hpp"

#include "core/sandbox/identity.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/sandbox/sweep.hpp"
#include "daemon/listening.hpp"
#include "daemon/pages/page_routes.hpp"
#include "sbx/version.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <utility>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_for_runs = 10s;
constexpr auto patience_for_adoption = 10s;
constexpr auto adoption_interval = 1s;
constexpr auto patience_for_readers = 1s;
constexpr auto life_without_daemon = 5min;
constexpr auto store_interval = 10min;
constexpr auto key_interval = 1s;
constexpr auto files_interval = 1min;

/// Callers without a key are one: each dialect's shall not take the room of another's.
SandboxBounds sandbox_bounds(const DaemonOptions& options)
{
    SandboxBounds bounds;
    bounds.counts_each_dialect = std::ranges::any_of(options.listens, [](const Listen& listen) {
        return std::ranges::any_of(listen.dialects, [](const std::string& name) { return name != "native"; });
    });
    if (bounds.counts_each_dialect) bounds.total = 64;
    return bounds;
}

/// Several daemons may have the same directory for their files.
std::filesystem::path files_directory(const DaemonOptions& options, const Directories& own, const std::string& instance)
{
    const std::filesystem::path& named = options.interpreter.directory;
    return named.empty() ? own.state / "daemon" / "files" : named / instance;
}

ExecutionServices execution_services(Engine& engine, const std::string& endpoint, const Settings& settings,
                                     const Directories& own, const std::string& instance, ImageCache& images,
                                     Admission& admission, Pool& pool, Store& store, Metrics& metrics, Traces& traces,
                                     EventFeed& events)
{
    return {engine, endpoint, settings, own, instance, images, admission, pool, store, metrics, traces, events};
}

}  // namespace

Daemon::Daemon(const asio::any_io_executor& executor, Engine& engine, std::string endpoint, Settings settings,
               Directories own, DaemonOptions options, std::unique_ptr<Store> store, Metrics& metrics)
    : executor_(executor),
      engine_(engine),
      endpoint_(std::move(endpoint)),
      settings_(std::move(settings)),
      own_(std::move(own)),
      options_(std::move(options)),
      instance_("daemon-" + short_hash(own_.state.native())),
      store_(std::move(store)),
      log_(options_.log_descriptor, options_.log_level),
      traces_(executor, options_.traces, instance_, log_),
      notice_(options_.notice_socket),
      metrics_(metrics),
      events_(executor),
      images_(executor, engine_, settings_),
      admission_(executor, AdmissionBounds{}),
      pool_(executor, engine_, endpoint_, own_.cache, instance_, PoolBounds{}),
      executions_(executor, execution_services(engine_, endpoint_, settings_, own_, instance_, images_, admission_,
                                               pool_, *store_, metrics_, traces_, events_)),
      lending_(executor, execution_services(engine_, endpoint_, settings_, own_, instance_, images_, admission_, pool_,
                                            *store_, metrics_, traces_, events_)),
      sandboxes_(executor, SandboxServices{engine_, endpoint_, settings_, own_, instance_, images_, *store_, events_},
                 own_.state, sandbox_bounds(options_)),
      access_(*store_),
      ports_(sandboxes_, access_),
      idempotent_(IdempotencyBounds{}),
      templates_(template_folders(own_.config), log_),
      installer_(executor, InstallServices{engine_, endpoint_, settings_, own_}, sandboxes_),
      sessions_(SessionServices{sandboxes_, executions_, metrics_, settings_, installer_}, SessionBounds{}),
      debug_runs_(executor, executions_, *store_, settings_, options_.debugging),
      adjustments_(executor, *store_, log_, options_.backend, AdjustmentBounds{}),
      stored_files_(*store_, files_directory(options_, own_, instance_)),
      interpreter_(executor, executions_, stored_files_, settings_, options_.interpreter.bounds),
      tool_runs_(executor, interpreter_, executions_),
      native_{engine_, settings_, images_,  executions_, sandboxes_,  pool_,   admission_,
              *store_, lending_,  metrics_, ports_,      idempotent_, events_, templates_},
      http_(executor, HttpLimits{}),
      metrics_sources_{metrics_, native_, http_, log_},
      dialects_(dialects({native_,
                          metrics_sources_,
                          sessions_,
                          {debug_runs_, adjustments_, *store_, access_, options_.debugging, options_.log_level},
                          {interpreter_, tool_runs_, *store_,
                           std::make_shared<librechat::ClientAccess>(*store_, options_.interpreter.access)}})),
      pages_(page_routes()),
      signals_(executor, SIGTERM, SIGINT, SIGHUP),
      changed_(executor)
{
}

Daemon::~Daemon() = default;

/// What an earlier daemon left is settled first, so that it cannot be taken for what a request has just made.
asio::awaitable<void> Daemon::serve(Exchange& exchange, const DialectSet& set)
{
    const bool is_named = exchange.head().port.has_value();
    while (!adopted_ && (is_named || exchange.head().target.path != "/health")) co_await changed_.wait(std::nullopt);
    if (is_named)
        co_await ports_.serve_named(exchange);
    else
        co_await set.serve(exchange);
}

const DialectSet& Daemon::set_of(const std::vector<std::string>& names)
{
    std::unique_ptr<DialectSet>& set = sets_[names];
    if (!set) {
        std::vector<const Dialect*> chosen;
        for (const Dialect& dialect : dialects_)
            if (std::ranges::find(names, dialect.name) != names.end()) chosen.push_back(&dialect);
        set = std::make_unique<DialectSet>(std::move(chosen), shared_paths(), pages_, access_);
    }
    return *set;
}

/// What came for no route has no name that would say anything.
void Daemon::add_span(const AccessRecord& record)
{
    if (!traces_.is_on() || record.route.empty()) return;
    const TraceContext context = trace_context(record.traceparent, record.id);
    if (!context.is_recorded) return;
    Span span;
    span.trace_id = context.trace_id;
    span.span_id = context.span_id;
    span.parent_id = context.parent_id;
    span.kind = Span::Kind::server;
    const std::string method(http::to_string(record.method));
    span.name = fmt::format("{} {}", method, record.route);
    span.end = std::chrono::system_clock::now();
    span.begin = span.end - record.duration;
    span.attributes = {{"http.request.method", method},
                       {"http.route", std::string(record.route)},
                       {"http.response.status_code", record.status},
                       {"sbx.request_id", std::string(record.id)}};
    if (!record.key.empty()) span.attributes.emplace_back("sbx.key", std::string(record.key));
    span.has_failed = record.status >= 500;
    traces_.add(std::move(span));
}

void Daemon::tell(const AccessRecord& record)
{
    metrics_.count_request(record);
    add_span(record);
    if (!log_.is_on()) return;
    nlohmann::ordered_json fields;
    fields["request_id"] = record.id;
    fields["method"] = http::to_string(record.method);
    fields["route"] = record.route;
    fields["status"] = record.status;
    fields["ms"] = static_cast<double>(record.duration.count()) / 1000;
    fields["bytes_in"] = record.bytes_in;
    fields["bytes_out"] = record.bytes_out;
    if (!record.key.empty()) fields["key"] = record.key;
    if (record.is_passed_on) fields["passed_on"] = true;
    const bool is_usual = record.event == "request" && (record.status < 500 || record.is_passed_on);
    std::string_view event = record.event;
    if (record.status == 401 && !record.is_passed_on) event = "auth_failed";
    if (record.status == 429 && !record.is_passed_on) event = "limit_hit";
    log_.write(is_usual ? LogLevel::info : LogLevel::warn, event, std::move(fields));
}

Result<std::vector<std::string>> Daemon::listen()
{
    http_.observe([this](const AccessRecord& record) { tell(record); });
    std::shared_ptr<asio::ssl::context> tls;
    if (options_.tls) {
        auto made = make_tls_context(*options_.tls);
        if (!made) return made.error();
        tls = std::move(*made);
    }
    std::vector<std::string> places;
    if (std::ranges::any_of(options_.listens, serves_interpreter))
        if (const auto opened = stored_files_.open(); !opened) return opened.error();
    for (const Listen& listen : options_.listens) {
        if (const auto checked = check_keys(listen, options_, *store_); !checked) return checked.error();
        const auto& [address, names] = listen;
        AccessRules rules = rules_of(address, options_);
        const DialectSet& set = set_of(names);
        Serve serve_one = [this, &set](Exchange& exchange) { return serve(exchange, set); };
        const auto port =
            http_.listen(address, std::move(rules), std::move(serve_one), address.is_local() ? nullptr : tls);
        if (!port) return port.error();
        places.push_back(shown(address, *port, tls != nullptr));
        if (!is_loopback(address) && !tls)
            log_.write(LogLevel::warn, "listens_without_tls", {{"address", places.back()}});
    }
    log_.write(LogLevel::info, "started", {{"version", version()}, {"instance", instance_}, {"addresses", places}});
    return places;
}

asio::awaitable<void> Daemon::run()
{
    asio::co_spawn(executor_, begin(), asio::detached);
    asio::co_spawn(executor_, look_after_store(), asio::detached);
    asio::co_spawn(executor_, look_after_keys(), asio::detached);
    if (std::ranges::any_of(options_.listens, serves_interpreter))
        asio::co_spawn(executor_, look_after_files(), asio::detached);
    asio::co_spawn(executor_, traces_.serve(), asio::detached);
    asio::co_spawn(executor_, adjustments_.serve(), asio::detached);
    if (options_.watchdog) asio::co_spawn(executor_, show_life(), asio::detached);
    notice_.ready();
    co_await await_signals();
    co_await stop();
}

/// What need not be done before the first request is answered.
asio::awaitable<void> Daemon::begin()
{
    Result<std::vector<std::string>> left = co_await sandboxes_.adopt();
    adopted_ = true;
    changed_.notify_all();
    asio::co_spawn(executor_, pool_.serve(), asio::detached);
    if (!left) {
        log_.write(LogLevel::warn, "engine_unreachable", {{"why", left.error().message}});
        co_await adopt_later();
        left = std::vector<std::string>();
    }
    co_await warm_up();
    for (std::string& id : *left) {
        log_.write(LogLevel::info, "orphan_removed", {{"container", id}, {"cause", "left by an earlier daemon"}});
        (void)co_await engine_.remove(std::move(id));
    }
    const Result<std::vector<Orphan>> removed = co_await sweep(engine_);
    if (!removed) co_return;
    for (const Orphan& orphan : *removed)
        log_.write(LogLevel::info, "orphan_removed", {{"container", orphan.id}, {"cause", orphan.cause}});
}

/// Requests are served meanwhile, so that what is not known may be theirs: it is not removed.
asio::awaitable<void> Daemon::adopt_later()
{
    bool is_done = false;
    while (!is_done && !stopping_) {
        co_await changed_.wait(std::chrono::steady_clock::now() + adoption_interval);
        const Result<std::vector<std::string>> left = co_await sandboxes_.adopt();
        is_done = left.has_value();
    }
    if (is_done) log_.write(LogLevel::info, "engine_reached", {{"sandboxes", sandboxes_.count()}});
}

asio::awaitable<void> Daemon::warm_up()
{
    for (const auto& [name, count] : options_.warm) {
        const auto language = find_language(name);
        if (!language) continue;
        const Result<ChosenImage> image = co_await images_.get(**language, "");
        if (!image) {
            log_.write(LogLevel::warn, "pool_not_filled", {{"language", name}, {"why", image.error().message}});
            continue;
        }
        RunRequest request;
        request.limits = settings_.limits;
        request.image = image->info;
        request.image_name = image->reference;
        request.preload = preload_words(**language);
        pool_.warm(request, std::string((*language)->name), count);
    }
}

asio::awaitable<void> Daemon::look_after_store()
{
    while (!stopping_) {
        const Result<std::size_t> pruned = co_await store_->prune();
        if (!pruned) log_.write(LogLevel::error, "store_failed", {{"why", pruned.error().message}});
        co_await changed_.wait(std::chrono::steady_clock::now() + store_interval);
    }
}

asio::awaitable<void> Daemon::look_after_files()
{
    while (!stopping_) {
        const Result<void> tidied = co_await stored_files_.tidy(options_.interpreter.bounds.file_life);
        if (!tidied) log_.write(LogLevel::error, "files_not_tidied", {{"why", tidied.error().message}});
        co_await changed_.wait(std::chrono::steady_clock::now() + files_interval);
    }
}

/// What a key was let in for ends with it: streams, WebSockets, programs that are waited for. What needed no key ends
/// with the first one. Both a round later: what was asked just before may be answered.
asio::awaitable<void> Daemon::look_after_keys()
{
    bool was_open = !store_->requires_key();
    bool is_closing = false;
    std::set<std::string> ended;  // keys that count no longer, and have connections
    while (!stopping_) {
        co_await changed_.wait(std::chrono::steady_clock::now() + key_interval);
        (void)co_await store_->reload_keys();
        const bool closes = std::exchange(is_closing, was_open && store_->requires_key());
        was_open = !store_->requires_key();
        const std::set<std::string> ended_before = std::exchange(ended, {});
        http_.close_unless([&](const Peer& peer, const std::string& key) {
            if (key.empty()) return !closes || peer.kind == Peer::Kind::owner;
            if (key == librechat::name || access_.still_counts(key)) return true;
            ended.insert(key);
            return !ended_before.contains(key);
        });
    }
}

/// From the thread that answers requests: when that hangs, the signs stop.
asio::awaitable<void> Daemon::show_life()
{
    asio::steady_timer timer(executor_);
    for (;;) {  // to the very end: stopping takes its time too
        notice_.alive();
        timer.expires_after(*options_.watchdog / 2);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Daemon::await_signals()
{
    for (;;) {
        boost::system::error_code failed;
        const int number = co_await signals_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        if (failed || number != SIGHUP) co_return;
        co_await reload();
    }
}

asio::awaitable<void> Daemon::reload()
{
    notice_.reloading();
    reload_certificate();
    const Result<void> reloaded = co_await store_->reload_keys();
    log_.write(LogLevel::info, "reloaded", {{"keys", store_->keys().keys().size()}});
    notice_.ready();
}

/// For connections that come from now on. What is wrong with the new one must not end what the old one serves.
void Daemon::reload_certificate()
{
    if (!options_.tls) return;
    const auto made = make_tls_context(*options_.tls);
    if (made)
        http_.replace_tls(*made);
    else
        log_.write(LogLevel::error, "certificate_kept", {{"why", made.error().message}, {"hint", made.error().hint}});
}

/// One-off runs come to their end, sandboxes live on for the next start, what waits in the pool is removed.
asio::awaitable<void> Daemon::stop()
{
    stopping_ = true;
    notice_.stopping();
    changed_.notify_all();
    log_.write(LogLevel::info, "stopping", {{"executions", executions_.all().size()}});
    signals_.async_wait([](const boost::system::error_code& failed, int) {
        if (!failed) ::_exit(0);  // a second one is in a hurry
    });
    http_.stop();
    co_await adjustments_.close();
    tool_runs_.close();
    const auto begin = std::chrono::steady_clock::now();
    co_await executions_.close(patience_for_runs);
    const auto taken = std::chrono::steady_clock::now() - begin;
    co_await lending_.close(std::chrono::ceil<std::chrono::milliseconds>(
        std::max<std::chrono::nanoseconds>(patience_for_runs - taken, 0ns)));
    co_await pool_.close();
    // What an earlier daemon left is to be removed too: it may not have been taken over yet.
    const auto until = std::chrono::steady_clock::now() + patience_for_adoption;
    while (options_.remove_on_stop && !adopted_ && std::chrono::steady_clock::now() < until)
        co_await changed_.wait(until);
    if (options_.remove_on_stop)
        co_await sandboxes_.remove_all();
    else
        co_await sandboxes_.release(life_without_daemon);
    co_await events_.close(patience_for_readers);
    co_await traces_.close();
    (void)co_await store_->flush();
    store_->close();  // before those that still wait for somebody are left behind: see `serve`
    http_.close();
    log_.write(LogLevel::info, "stopped", nlohmann::ordered_json::object());
}

}  // namespace sbx::daemon
