#include "core/sandbox/beginning.hpp"

#include "core/sandbox/detached.hpp"
#include "core/sandbox/program_session.hpp"
#include "core/sandbox/uploads.hpp"

namespace sbx {
namespace {

bool has_files(const RunRequest& request)
{
    return !request.files.empty() || request.directory != "/work";
}

}  // namespace

bool begins_with_something(const RunRequest& request, const std::string& command)
{
    return has_files(request) || !command.empty();
}

asio::awaitable<Result<void>> begin_with(AgentLink& link, RunRequest request, std::string command)
{
    if (has_files(request)) {
        const Result<void> put = co_await put_files(link, request);
        if (!put) co_return put;
    }
    if (command.empty()) co_return Result<void>();
    wire::Spawn spawn = spawn_of(request, std::vector<std::string>{"sh", "-c", std::move(command)});
    spawn.input = false;
    const Result<std::uint64_t> started = co_await start_detached(link, std::move(spawn));
    if (!started) co_return started.error();
    co_return Result<void>();
}

}  // namespace sbx
