#include "core/remote/remote_sandboxes.hpp"

#include "core/remote/deferred_channel.hpp"
#include "core/sandbox/keeper_client.hpp"
#include "core/whole_file.hpp"

#include <algorithm>
#include <set>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using docker::http::verb;

constexpr auto patience = 10s;

struct Listed {
    std::vector<SandboxRecord> records;
    std::set<std::string> paused;
};

Result<Listed> read_listed(const nlohmann::json& answer)
try {
    Listed listed;
    for (const nlohmann::json& each : answer.at("sandboxes")) {
        Result<SandboxRecord> record = parse_sandbox_record(each.dump());
        if (!record) return unknown_answer();
        listed.records.push_back(std::move(*record));
    }
    for (const nlohmann::json& id : answer.at("paused")) listed.paused.insert(id.get<std::string>());
    return listed;
} catch (const nlohmann::json::exception&) {
    return unknown_answer();
}

/// Holds what the stream is opened with until it is.
struct WireRequest {
    std::unique_ptr<DaemonClient> client;
    std::string target;
};

asio::awaitable<Result<std::unique_ptr<Channel>>> open_wire(std::shared_ptr<WireRequest> request)
{
    co_return co_await request->client->open(verb::get, request->target, nlohmann::json(), patience);
}

}  // namespace

asio::awaitable<Result<void>> mirror_sandboxes(DaemonClient& client, const SandboxStore& mirror)
{
    const auto answer = co_await client.call(verb::get, "/v1/client/sandboxes", nlohmann::json(), patience);
    if (!answer) co_return answer.error();
    const Result<Listed> listed = read_listed(*answer);
    if (!listed) co_return listed.error();
    for (const SandboxRecord& known : mirror.list())
        if (std::ranges::find(listed->records, known.id, &SandboxRecord::id) == listed->records.end())
            mirror.forget(known);
    for (const SandboxRecord& record : listed->records) {
        const Result<void> copied = mirror.copy(record);
        if (!copied && copied.error().code == Errc::invalid_argument) co_return unknown_answer();
        if (!copied) co_return copied.error();
        std::error_code ignored;
        if (!listed->paused.contains(record.id)) std::filesystem::remove(pause_mark(mirror, record), ignored);
        if (listed->paused.contains(record.id)) (void)write_whole_file(pause_mark(mirror, record), "\n");
    }
    co_return Result<void>();
}

std::unique_ptr<Channel> sandbox_wire(const asio::any_io_executor& executor, DaemonAddress address,
                                      const std::string& sandbox)
{
    auto request = std::make_shared<WireRequest>();
    request->client = std::make_unique<DaemonClient>(executor, std::move(address));
    request->target = "/v1/client/sandboxes/" + sandbox + "/wire";
    return deferred_channel(executor, [request] { return open_wire(request); });
}

}  // namespace sbx
