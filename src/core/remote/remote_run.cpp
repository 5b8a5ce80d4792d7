#include "core/remote/remote_run.hpp"

#include "core/docker/reply.hpp"
#include "core/sandbox/sandbox_way.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx {
namespace {

using namespace std::chrono_literals;
using docker::http::verb;

constexpr auto short_call = 10s;
constexpr std::size_t longest_head = std::size_t{1} << 20;

/// What the daemon says of the sandbox before its stream begins.
struct Given {
    std::string id;
    ImageInfo image;
    std::string image_name;
    std::vector<std::pair<std::string, std::string>> environment;  ///< that its libraries need
    Path path = Path::cold;
};

Result<Given> read_given(const std::string& line)
try {
    const nlohmann::json json = nlohmann::json::parse(line);
    Given given;
    given.id = json.at("id").get<std::string>();
    given.image.id = json.at("image_digest").get<std::string>();
    given.image.architecture = json.at("architecture").get<std::string>();
    given.image_name = json.at("image").get<std::string>();
    for (const auto& [name, value] : json.at("env").items())
        given.environment.emplace_back(name, value.get<std::string>());
    given.path = json.at("pooled").get<bool>() ? Path::pool : Path::cold;
    return given;
} catch (const nlohmann::json::exception&) {
    return unknown_answer();
}

Result<Ending> read_ending(const nlohmann::json& json)
try {
    Ending ending;
    if (json.at("exit_code").is_number_integer()) ending.exit_code = json["exit_code"].get<int>();
    ending.oom = json.at("oom").get<bool>();
    ending.killed = json.at("killed").get<bool>();
    ending.last_words = docker::printable(json.at("last_words").get<std::string>());
    return ending;
} catch (const nlohmann::json::exception&) {
    return Error(Errc::unavailable, "the daemon does not say how the sandbox ended");
}

/// The first line of a stream. What is read beyond it is kept for the channel's next read.
class AfterLine final : public Channel {
   public:
    explicit AfterLine(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

    asio::awaitable<Result<std::string>> line()
    {
        while (kept_.find('\n') == std::string::npos && kept_.size() < longest_head) {
            std::array<char, 4096> piece{};
            const Result<std::size_t> got = co_await channel_->read_some(piece);
            if (!got) co_return got.error();
            if (*got == 0) co_return Error(Errc::unavailable, "the daemon has closed the connection");
            kept_.append(piece.data(), *got);
        }
        const std::size_t end = std::min(kept_.find('\n'), kept_.size());
        std::string first = kept_.substr(0, end);
        kept_.erase(0, end + 1);
        co_return first;
    }

    asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override
    {
        if (kept_.empty()) co_return co_await channel_->read_some(into);
        const std::size_t count = std::min(kept_.size(), into.size());
        std::ranges::copy_n(kept_.begin(), static_cast<std::ptrdiff_t>(count), into.begin());
        kept_.erase(0, count);
        co_return count;
    }
    asio::awaitable<Result<void>> write(std::span<const char> bytes) override
    {
        co_return co_await channel_->write(bytes);
    }
    void close() override { channel_->close(); }

   private:
    std::unique_ptr<Channel> channel_;
    std::string kept_;
};

/// The daemon knows how its sandbox ended.
class RemoteLife final : public Life {
   public:
    RemoteLife(DaemonClient& client, std::string id) : client_(client), id_(std::move(id)) {}

    asio::awaitable<Result<void>> started() override { co_return Result<void>(); }
    asio::awaitable<Result<Ending>> ended() override
    {
        const auto said = co_await client_.call(verb::get, "/v1/client/runs/" + id_, nlohmann::json(), short_call);
        if (!said) co_return said.error();
        co_return read_ending(*said);
    }

   private:
    DaemonClient& client_;
    std::string id_;
};

/// The daemon has given the sandbox, and takes it away when the stream ends.
class GivenWay : public SandboxWay {
   public:
    GivenWay(DaemonClient& client, std::string id, std::unique_ptr<Channel> channel, bool is_standby)
        : is_standby_(is_standby)
    {
        launched_.id = id;
        launched_.channel = std::move(channel);
        launched_.life = std::make_unique<RemoteLife>(client, std::move(id));
    }

    asio::awaitable<Result<Launched>> open(const RunRequest& /*request*/, std::string opening) override
    {
        co_return co_await say_opening(std::move(launched_), std::move(opening));
    }
    asio::awaitable<void> remove(std::string /*id*/) override { co_return; }
    bool is_standby() const override { return is_standby_; }

   private:
    Launched launched_;
    bool is_standby_;
};

}  // namespace

RemoteRun::RemoteRun(asio::any_io_executor executor, DaemonClient& client, ProgramIo& io, RunRequest request,
                     nlohmann::json wanted)
    : OneOffRun(std::move(executor), io, std::move(request)), client_(client), wanted_(std::move(wanted))
{
}

asio::awaitable<Result<RunResult>> RemoteRun::execute()
{
    bool was_waiting = false;
    Result<RunResult> result = co_await execute_once(was_waiting);
    if (!was_waiting) co_return result;
    wanted_["pooled"] = false;
    co_return co_await execute_once(was_waiting);
}

/// @param never_ran  set where nothing ran because the sandbox that waited was dead
asio::awaitable<Result<RunResult>> RemoteRun::execute_once(bool& never_ran)
{
    never_ran = false;
    Result<std::unique_ptr<Channel>> stream =
        co_await client_.open(verb::post, "/v1/client/runs", wanted_, longest_preparation);
    if (!stream) co_return stream.error();
    auto channel = std::make_unique<AfterLine>(std::move(*stream));
    const Result<std::string> head = co_await channel->line();
    if (!head) co_return head.error();
    Result<Given> given = read_given(*head);
    if (!given) co_return given.error();
    request().image = given->image;
    request().image_name = given->image_name;
    auto& environment = request().environment;
    environment.insert(environment.begin(), given->environment.begin(), given->environment.end());
    GivenWay way(client_, given->id, std::move(channel), given->path == Path::pool);
    Attempt tried = co_await attempt(way);
    never_ran = given->path == Path::pool && never_began(tried.has_begun, tried.result);
    if (tried.result) {
        tried.result->execution.path = given->path;
        tried.result->execution.image = given->image_name;
        tried.result->execution.image_digest = given->image.id;
        if (tried.result->execution.reason == Reason::lost)
            tried.result->explanation = "lost: the daemon has gone, or does not know how the sandbox ended";
    }
    co_return std::move(tried.result);
}

}  // namespace sbx
