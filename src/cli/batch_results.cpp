#include "cli/batch_results.hpp"

#include "core/batch/earlier_results.hpp"
#include "sbx/quantity.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sbx::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint64_t most_ahead = 256;                        // of the oldest result that is not written
constexpr std::uint64_t most_waiting = std::uint64_t{64} << 20;  // bytes, when nothing more is started
constexpr auto between_looks = 200ms;

std::string seconds_text(double seconds)
{
    if (seconds < 100) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds);
    return whole < 3600 ? fmt::format("{}m{:02}s", whole / 60, whole % 60)
                        : fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace

Result<void> BatchResults::open(const ResultPlaces& places)
{
    in_order_ = places.in_order;
    if (!places.junit.empty()) {
        auto junit = batch::Junit::open(places.junit, places.suite);
        if (!junit) return junit.error();
        junit_.emplace(std::move(*junit));
    }
    return places.file.empty() ? Result<void>() : open_file(places);
}

/// What an interrupted batch left of a line is written over.
Result<void> BatchResults::open_file(const ResultPlaces& places)
{
    const char* flag = places.resumes ? "--resume" : "--results";
    file_name_ = places.file;
    if (places.resumes) {
        std::optional<Error> failed;
        const auto whole = batch::read_earlier_results(places.file, [&](const batch::Outcome& outcome) {
            earlier_.insert(outcome.id);
            if (const auto counted = count(outcome); !counted) failed = counted.error();
        });
        if (!whole) return whole.error();
        if (failed) return *failed;
        file_bytes_ = *whole;
    }
    file_ = Descriptor(::open(places.file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    struct stat status {};
    if (!file_ || ::fstat(file_.get(), &status) != 0)
        return Error(Errc::invalid_argument,
                     fmt::format("{}: cannot write {}: {}", flag, places.file, std::strerror(errno)),
                     "nothing was run");
    if (!S_ISREG(status.st_mode)) {  // its reader may be slow: as with stdout, nothing else may wait for that
        const bool placed = ::dup2(file_.get(), STDOUT_FILENO) >= 0;
        file_.reset();
        return placed ? Result<void>() : Error(Errc::internal, fmt::format("{}: cannot be used", flag));
    }
    if (::ftruncate(file_.get(), static_cast<off_t>(file_bytes_)) != 0 ||
        ::lseek(file_.get(), static_cast<off_t>(file_bytes_), SEEK_SET) < 0)
        return Error(Errc::invalid_argument, fmt::format("{}: {}: {}", flag, places.file, std::strerror(errno)));
    return {};
}

Result<void> BatchResults::count(const batch::Outcome& outcome)
{
    using State = batch::Outcome::State;
    ++done_;
    passed_ += outcome.state == State::passed ? 1 : 0;
    failed_ += outcome.state == State::failed ? 1 : 0;
    errors_ += outcome.state == State::error ? 1 : 0;
    return junit_ ? junit_->add(outcome) : Result<void>();
}

void BatchResults::put(std::uint64_t number, const nlohmann::ordered_json& line)
{
    if (const auto outcome = batch::outcome_of(line))
        if (const auto counted = count(*outcome); !counted) failure_ = failure_.value_or(counted.error());
    std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    waiting_bytes_ += text.size();
    waiting_.emplace(in_order_ ? number : taken_++, std::move(text));
    changed_.notify_all();
}

asio::awaitable<void> BatchResults::wait_for_room(std::uint64_t number)
{
    while (starts_more_ && number > next_ && (number >= next_ + most_ahead || waiting_bytes_ > most_waiting))
        co_await changed_.wait(std::nullopt);
}

std::optional<std::string> BatchResults::take_next()
{
    const auto at = waiting_.find(next_);
    if (at == waiting_.end()) return std::nullopt;
    std::string line = std::move(at->second);
    waiting_.erase(at);
    return line;
}

asio::awaitable<Result<void>> BatchResults::write_all()
{
    for (;;) {
        std::optional<std::string> line = take_next();
        if (!line && ended_) co_return failure_ ? Result<void>(*failure_) : Result<void>();
        if (!line) {
            co_await changed_.wait(std::nullopt);
            continue;
        }
        const std::size_t size = line->size();
        const Result<void> written = co_await write(std::move(*line));
        if (!written) co_return written;
        waiting_bytes_ -= size;
        ++next_;
        changed_.notify_all();
    }
}

asio::awaitable<Result<void>> BatchResults::write(std::string line)
{
    if (file_) co_return append(line);
    co_return co_await standard_.write(OutputStream::out, line);
}

/// In one call as far as the system takes it: whoever kills us finds whole lines, but for the last one perhaps.
Result<void> BatchResults::append(std::string_view line)
{
    const std::size_t size = line.size();
    while (!line.empty()) {
        const ssize_t n = ::write(file_.get(), line.data(), line.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const int error = errno;
            [[maybe_unused]] const int ignored = ::ftruncate(file_.get(), static_cast<off_t>(file_bytes_));
            return Error(Errc::unavailable, fmt::format("cannot write {}: {}", file_name_, std::strerror(error)),
                         fmt::format("--resume {} goes on from there", file_name_));
        }
        line.remove_prefix(static_cast<std::size_t>(n));
    }
    file_bytes_ += size;
    return {};
}

void BatchResults::stop_starting()
{
    starts_more_ = false;
    changed_.notify_all();
}

void BatchResults::end()
{
    ended_ = true;
    changed_.notify_all();
}

Result<void> BatchResults::finish_report()
{
    return junit_ ? junit_->finish(steady_clock::now() - begin_) : Result<void>();
}

asio::awaitable<void> BatchResults::show_progress(ProgressLine& line)
{
    const ProgressSink show = line.sink();
    while (!ended_) {
        Progress now;
        now.status = progress();
        show(now);
        asio::steady_timer timer(changed_.executor(), between_looks);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    line.clear();
}

std::string BatchResults::progress() const
{
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begin_).count();
    const std::uint64_t now = done_ - earlier_.size();
    const double rate = seconds > 0 ? static_cast<double>(now) / seconds : 0;
    std::string text = expected_ == 0 ? fmt::format("{} done", done_) : fmt::format("{}/{}", done_, expected_);
    if (passed_ > 0) text += fmt::format(", {} passed", passed_);
    if (failed_ + errors_ > 0) text += fmt::format(", {} failed", failed_ + errors_);
    text += fmt::format(", {:.1f}/s", rate);
    if (rate > 0 && expected_ > done_)
        text += fmt::format(", {} left", seconds_text(static_cast<double>(expected_ - done_) / rate));
    return text;
}

std::string BatchResults::summary() const
{
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begin_).count();
    const std::uint64_t now = done_ - earlier_.size();
    std::string text = fmt::format("{} {}", now, now == 1 ? "run" : "runs");
    if (!earlier_.empty()) text += fmt::format(" and {} earlier", earlier_.size());
    text += fmt::format(", {} passed, {} failed", passed_, failed_ + errors_);
    if (errors_ > 0) text += fmt::format(" ({} could not be run)", errors_);
    return text + fmt::format(" in {} ({:.1f} runs/s)", seconds_text(seconds),
                              seconds > 0 ? static_cast<double>(now) / seconds : 0);
}

}  // namespace sbx::cli
