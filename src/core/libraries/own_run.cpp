#include "core/libraries/own_run.hpp"

#include "core/random.hpp"
#include "core/sandbox/sweep.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <memory>

namespace sbx {
namespace {

using namespace std::chrono_literals;

class Silence : public ProgramIo {
   public:
    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> /*bytes*/) override
    {
        co_return Result<void>();
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> /*into*/) override { co_return std::size_t{0}; }
    void stop_reading() override {}
};

}  // namespace

RunRequest own_run(const LibraryPlace& place, std::chrono::milliseconds longest)
{
    RunRequest request;
    request.execution_id = random_hex(16);
    request.image = place.image;
    request.image_name = place.image_name;
    request.limits.wall_ms = longest;
    request.standby = false;
    request.labels[instance_label] = "cli";
    request.labels[sandbox_label] = request.execution_id;
    const auto end = std::chrono::system_clock::now() + longest + 10min;
    request.labels[expires_label] =
        fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count());
    return request;
}

asio::awaitable<Result<RunResult>> execute_own(const LibraryPlace& place, RunRequest request, const Directories& own)
{
    Silence silence;
    StandbyStore standbys(own.state);
    const auto run = std::make_unique<Run>(co_await asio::this_coro::executor, place.engine, silence,
                                           std::move(request), place.endpoint, standbys, own.cache);
    co_return co_await run->execute();
}

}  // namespace sbx
