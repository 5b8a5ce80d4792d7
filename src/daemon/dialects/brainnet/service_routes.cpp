#include "core/sandbox/record_json.hpp"
#include "daemon/dialects/brainnet/brainnet.hpp"
#include "sbx/version.hpp"

#include <chrono>

namespace sbx::daemon {

// Types that answers are made of: they have names for templates of other files.

struct ServiceInformation {
    std::string message = "Brain_Net Sandbox API";
    std::string service = "sbx";
    std::string version{sbx::version()};
    std::string status = "ok";
    std::string docs = "/docs";
};
BOOST_DESCRIBE_STRUCT(ServiceInformation, (), (message, service, version, status, docs))

struct ServiceConfiguration {
    std::int64_t execution_timeout = 0;  ///< seconds
    std::uint64_t max_concurrent_executions = 0;
    std::string log_level;
};
BOOST_DESCRIBE_STRUCT(ServiceConfiguration, (), (execution_timeout, max_concurrent_executions, log_level))

struct ServiceStatistics {
    std::string timestamp;
    std::uint64_t active_executions = 0;
    std::uint64_t queued_executions = 0;
    std::uint64_t stored_results = 0;
    std::uint64_t total_executions = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t timeout = 0;
    std::uint64_t cancelled = 0;
    double average_execution_time = 0;  ///< seconds
    std::uint64_t pending_adjustments = 0;
    ServiceConfiguration configuration;
};
BOOST_DESCRIBE_STRUCT(ServiceStatistics, (),
                      (timestamp, active_executions, queued_executions, stored_results, total_executions, completed,
                       failed, timeout, cancelled, average_execution_time, pending_adjustments, configuration))

struct ServiceHealth {
    std::optional<ServiceStatistics> statistics;  ///< for whoever may use the daemon
};

/// The statistics are members of its own.
template <>
struct JsonForm<ServiceHealth> {
    static constexpr const char* name = "ServiceHealth";

    static Schemas::Json schema(Schemas& schemas)
    {
        schemas.of<ServiceStatistics>();
        Schemas::Json schema = schemas.named()["ServiceStatistics"];
        schema["title"] = name;
        schema["properties"]["status"] = {{"type", "string"}};
        schema["required"] = Schemas::Json::array({"status"});
        return schema;
    }

    static nlohmann::ordered_json write(const ServiceHealth& health)
    {
        nlohmann::ordered_json json{{"status", "ok"}};
        if (health.statistics) json.update(json_of(*health.statistics));
        return json;
    }
};

namespace brainnet {
namespace {

/// As the variable LOG_LEVEL has it.
const char* level_name(LogLevel level)
{
    switch (level) {
        case LogLevel::warn:
            return "WARNING";
        case LogLevel::error:
            return "ERROR";
        default:
            return "INFO";
    }
}

double average_seconds(const DebugStatistics& counted)
{
    const std::uint64_t ended = counted.completed + counted.failed + counted.timed_out + counted.cancelled;
    return ended == 0 ? 0 : std::chrono::duration<double>(counted.time).count() / static_cast<double>(ended);
}

/// What is said of the service as a whole.
class ServiceRoutes {
   public:
    explicit ServiceRoutes(const Services& services) : services_(services) {}

    static asio::awaitable<Result<ServiceInformation>> tell_service(Call& /*call*/, Nothing /*request*/)
    {
        co_return ServiceInformation();
    }

    asio::awaitable<Result<ServiceHealth>> tell_health(Call& call, Nothing /*request*/) const
    {
        ServiceHealth health;
        const std::optional<Caller> caller = co_await services_.access.recognize(call.exchange.head());
        if (!caller) co_return health;
        ExecutionQuery all;
        all.dialect = "brainnet";
        if (!caller->is_operator) all.owner = caller->key;
        const Result<std::uint64_t> known = co_await services_.store.count_executions(std::move(all));
        health.statistics = statistics();
        if (known) health.statistics->stored_results = *known;
        co_return health;
    }

   private:
    ServiceStatistics statistics() const
    {
        const DebugStatistics counted = services_.runs.statistics();
        ServiceStatistics shown;
        shown.timestamp = iso_time(std::chrono::system_clock::now());
        shown.active_executions = counted.working;
        shown.queued_executions = counted.waiting;
        shown.total_executions = counted.total;
        shown.completed = counted.completed;
        shown.failed = counted.failed;
        shown.timeout = counted.timed_out;
        shown.cancelled = counted.cancelled;
        shown.average_execution_time = average_seconds(counted);
        shown.pending_adjustments = services_.adjustments.pending();
        shown.configuration.execution_timeout = services_.bounds.timeout.count();
        shown.configuration.max_concurrent_executions = services_.bounds.concurrent;
        shown.configuration.log_level = level_name(services_.log_level);
        return shown;
    }

    Services services_;
};

}  // namespace

void add_service_routes(Routes& routes, const Services& services)
{
    const auto subject = std::make_shared<ServiceRoutes>(services);
    routes.add<Nothing, ServiceInformation>(http::verb::get, "/", {.summary = "Say what it is", .tag = "brainnet"},
                                            ServiceRoutes::tell_service);
    Route& health = routes.add<Nothing, ServiceHealth>(
        http::verb::get, "/health",
        {.summary = "Whether the daemon answers, and how much it does",
         .tag = "brainnet",
         .description = "Everybody is told the status; statistics are for whoever may use the daemon."},
        [subject](Call& call, Nothing request) { return subject->tell_health(call, request); });
    health.open = true;
}

}  // namespace brainnet
}  // namespace sbx::daemon
