#include "core/batch/earlier_results.hpp"

#include "core/batch/lines.hpp"
#include "core/descriptor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace sbx::batch {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;
constexpr std::size_t longest_line = std::size_t{256} << 20;

std::optional<Outcome> read_line(const Line& line)
{
    if (line.is_too_long) return std::nullopt;
    return outcome_of(nlohmann::json::parse(line.text, nullptr, false));
}

}  // namespace

Result<std::uint64_t> read_earlier_results(const std::filesystem::path& path,
                                           const std::function<void(const Outcome&)>& take)
{
    const auto failed = [&](Errc code, std::string_view why) {
        return Error(code, fmt::format("--resume: {}: {}", path.native(), why), "name the results of this batch");
    };
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file && errno == ENOENT) return 0U;
    if (!file) return failed(Errc::permission_denied, std::strerror(errno));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return failed(Errc::conflict, "not a regular file");
    LineCutter lines(longest_line);
    std::vector<char> buffer(read_bytes);
    std::uint64_t whole = 0;
    for (;;) {
        const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(Errc::permission_denied, std::strerror(errno));
        if (n == 0) return whole;
        lines.add({buffer.data(), static_cast<std::size_t>(n)});
        while (const std::optional<Line> line = lines.next()) {
            const std::optional<Outcome> outcome = read_line(*line);
            if (!outcome) return failed(Errc::conflict, fmt::format("line {} is no result of a batch", line->number));
            take(*outcome);
            whole = line->end;
        }
    }
}

}  // namespace sbx::batch
