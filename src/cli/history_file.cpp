#include "cli/history_file.hpp"

#include "core/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/join.hpp>
#include <boost/algorithm/string/split.hpp>

namespace sbx::cli {
namespace {

constexpr std::size_t kept_lines = 1000;
constexpr std::size_t many_lines = 2 * kept_lines;

}  // namespace

std::vector<std::string> HistoryFile::lines() const
{
    const std::string text = read_whole_file(path_).value_or("");
    std::vector<std::string> all;
    boost::algorithm::split(all, text, boost::algorithm::is_any_of("\n"), boost::algorithm::token_compress_on);
    std::erase(all, "");
    const bool too_many = all.size() > many_lines;
    if (all.size() > kept_lines) all.erase(all.begin(), all.end() - kept_lines);
    if (too_many) {
        const Result<void> written = write_whole_file(path_, boost::algorithm::join(all, "\n") + "\n");
        if (!written) return all;
    }
    return all;
}

void HistoryFile::add(const std::string& line) const
{
    if (path_.empty()) return;
    std::error_code failed;
    std::filesystem::create_directories(path_.parent_path(), failed);
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return;
    const std::string text = line + "\n";
    [[maybe_unused]] const ssize_t count = ::write(file, text.data(), text.size());
    ::close(file);
}

}  // namespace sbx::cli
