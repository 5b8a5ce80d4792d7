#pragma once

#include <string>
#include <string_view>

namespace sbx::cli {

inline bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

/// One line of a session, or why there is none.
struct TypedLine {
    enum class Kind { text, interrupted, end };

    Kind kind = Kind::end;
    std::string text;  ///< without its end
};

/// What a line is asked with.
struct LinePrompt {
    std::string text;
    std::string indent;  ///< what it begins with, unless that is changed
    std::string before;  ///< the lines of the cell so far, each with its end
};

/// Where the lines of a session come from.
class LineSource {
   public:
    virtual ~LineSource() = default;
    virtual TypedLine read(const LinePrompt& prompt) = 0;
    /// Whether the next line surely belongs to the same cell.
    virtual bool goes_on() = 0;
};

}  // namespace sbx::cli
