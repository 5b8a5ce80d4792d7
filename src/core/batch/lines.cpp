#include "core/batch/lines.hpp"

#include <algorithm>
#include <utility>

namespace sbx::batch {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

void LineCutter::add(std::string_view bytes)
{
    if (begin_ > held_.size() / 2) {
        held_.erase(0, begin_);
        searched_ -= std::exchange(begin_, 0);
    }
    held_ += bytes;
}

std::optional<Line> LineCutter::next()
{
    const std::size_t at = held_.find('\n', searched_);
    if (at != std::string::npos) return cut(at - begin_, at - begin_ + 1);
    searched_ = held_.size();
    if (searched_ - begin_ > longest_) {
        dropping_ = true;
        offset_ += searched_ - begin_;
        held_.clear();
        begin_ = searched_ = 0;
    }
    return std::nullopt;
}

std::optional<Line> LineCutter::rest()
{
    if (begin_ == held_.size() && !dropping_) return std::nullopt;
    Line line = cut(held_.size() - begin_, held_.size() - begin_);
    line.is_whole = false;
    return line;
}

Line LineCutter::cut(std::size_t length, std::size_t with_end)
{
    Line line;
    line.number = ++number_;
    line.is_too_long = std::exchange(dropping_, false) || length > longest_;
    std::string_view text = std::string_view(held_).substr(begin_, length);
    if (number_ == 1 && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!line.is_too_long) line.text = text;
    begin_ += with_end;
    searched_ = begin_;
    offset_ += with_end;
    line.end = offset_;
    return line;
}

}  // namespace sbx::batch
