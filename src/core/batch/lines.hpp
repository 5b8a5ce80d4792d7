#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sbx::batch {

struct Line {
    std::string text;          ///< without its end, `\n` or `\r\n`
    std::uint64_t number = 0;  ///< from 1
    std::uint64_t end = 0;     ///< offset in the input of what follows it
    bool is_whole = true;      ///< false: the input ended before the line did
    bool is_too_long = false;  ///< its text was dropped
};

/// Cuts a byte stream into lines, however it comes. A mark of UTF-8 before the first one is no part of it.
class LineCutter {
   public:
    /// @param longest  of a longer line the text is dropped
    explicit LineCutter(std::size_t longest) : longest_(longest) {}

    void add(std::string_view bytes);
    /// The next line that is there to its end.
    std::optional<Line> next();
    /// What is left when the input has ended, unless nothing is.
    std::optional<Line> rest();

   private:
    Line cut(std::size_t length, std::size_t with_end);

    std::size_t longest_;
    std::string held_;
    std::size_t begin_ = 0;     ///< of what was not cut off yet
    std::size_t searched_ = 0;  ///< no line ends before
    std::uint64_t number_ = 0;
    std::uint64_t offset_ = 0;
    bool dropping_ = false;
};

}  // namespace sbx::batch
