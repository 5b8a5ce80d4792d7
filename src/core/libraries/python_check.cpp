#include "core/libraries/python_check.hpp"

#include "core/lang/python_version.hpp"
#include "core/sandbox/short_hash.hpp"
#include "core/whole_file.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/trim.hpp>

#include <filesystem>
#include <optional>

namespace sbx {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_answer = 1min;
constexpr std::size_t most_answer_bytes = 64;

asio::awaitable<Result<std::string>> ask_version(LibraryPlace place, Directories own)
{
    RunRequest request = own_run(place, longest_answer);
    request.command = {"python3", "-Ic", "import platform; print(platform.python_version())"};
    request.kept_output_bytes = most_answer_bytes;
    const Result<RunResult> result = co_await execute_own(place, std::move(request), own);
    if (!result) co_return result.error();
    if (result->execution.exit_code != 0)
        co_return Error(Errc::unavailable,
                        fmt::format("the python3 of {} does not tell its version", place.image_name));
    co_return boost::algorithm::trim_copy(result->execution.stdout_bytes);
}

asio::awaitable<Result<std::string>> version_of(LibraryPlace place, Directories own)
{
    const std::filesystem::path kept = own.cache / "python-versions" / short_hash(place.image.id);
    std::optional<std::string> known;
    if (!own.cache.empty()) known = read_whole_file(kept);
    if (known) co_return std::move(*known);
    const Result<std::string> version = co_await ask_version(std::move(place), own);
    if (version && !own.cache.empty()) (void)write_whole_file(kept, *version);  // else it is asked again
    co_return version;
}

}  // namespace

asio::awaitable<Result<void>> check_python(LibraryPlace place, std::string wanted, Directories own)
{
    const std::string image = place.image_name;
    const Result<std::string> version = co_await version_of(std::move(place), std::move(own));
    if (!version) co_return version.error();
    const Result<bool> allowed = is_python_allowed(wanted, *version);
    if (!allowed) co_return allowed.error();
    if (*allowed) co_return Result<void>();
    co_return Error(Errc::invalid_argument,
                    fmt::format("the script requires Python {}, and {} has {}", wanted, image, *version),
                    "--image takes another image, such as python:3.13-slim; --no-libraries runs it all the same");
}

}  // namespace sbx
