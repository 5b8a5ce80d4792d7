#include "cli/device_attributes.hpp"

#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace sbx::cli {
namespace {

using namespace std::chrono_literals;

constexpr const char* query = "\x1b[c";
constexpr std::string_view answer_begin = "\x1b[?";
constexpr std::string_view attribute_characters = "0123456789;";
constexpr auto patience = 1s;

/// Keys are handed over at once and not shown as long as this lives; Ctrl-C stays a signal.
class UnseenKeys {
   public:
    UnseenKeys()
    {
        known_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        termios unseen = before_;
        unseen.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        if (known_) ::tcsetattr(STDIN_FILENO, TCSANOW, &unseen);
    }
    ~UnseenKeys()
    {
        if (known_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    UnseenKeys(const UnseenKeys&) = delete;
    UnseenKeys& operator=(const UnseenKeys&) = delete;

   private:
    termios before_{};
    bool known_ = false;
};

/// The first number is the terminal's class.
bool lists_sixel(std::string_view numbers)
{
    const std::size_t attributes = numbers.find(';');
    if (attributes == std::string_view::npos) return false;
    const std::string list = std::string(numbers.substr(attributes)) + ";";
    return list.find(";4;") != std::string::npos;
}

}  // namespace

std::optional<DeviceAttributes> find_device_attributes(std::string_view keys)
{
    for (std::size_t at = keys.find(answer_begin); at != std::string_view::npos; at = keys.find(answer_begin, at + 1)) {
        const std::string_view numbers = keys.substr(at + answer_begin.size());
        const std::size_t end = numbers.find_first_not_of(attribute_characters);
        if (end == std::string_view::npos || numbers[end] != 'c') continue;
        return DeviceAttributes{at, answer_begin.size() + end + 1, lists_sixel(numbers.substr(0, end))};
    }
    return std::nullopt;
}

asio::awaitable<bool> draws_sixel(SessionInput& input)
{
    const UnseenKeys unseen;
    std::fputs(query, stdout);
    std::fflush(stdout);
    std::optional<DeviceAttributes> answer;
    std::function<bool()> is_there = [&] { return (answer = find_device_attributes(input.unread())).has_value(); };
    co_await input.wait(std::move(is_there), Condition::TimePoint::clock::now() + patience);
    if (!answer) co_return false;
    input.cut(answer->begin, answer->count);
    co_return answer->sixel;
}

}  // namespace sbx::cli
