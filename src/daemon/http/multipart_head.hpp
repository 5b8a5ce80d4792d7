#pragma once

#include "sbx/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sbx::daemon {

/// What the head of one part says. Names are UTF-8 and otherwise as they were sent: with folders, and with whatever
/// else there may be in them, NUL and control characters too. Whoever makes a path of one must look at it first.
struct MultipartPart {
    std::string name;
    std::optional<std::string> file_name;  ///< an empty one is one too
    std::string content_type;              ///< as sent; empty where nothing was said
    bool operator==(const MultipartPart&) const = default;
};

/// Takes the boundary out of a Content-Type.
/// @error invalid_argument  it is not multipart/form-data, or names no boundary, or one that RFC 2046 does not know
/// @source RFC 7578, section 4.1; RFC 2046, section 5.1.1
Result<std::string> boundary_of(std::string_view content_type);

/// Reads a part's head. In quoted names a backslash stands before a quote or a backslash, and `%22`, `%0D`, `%0A` are
/// what browsers make of a quote and of line ends. A quote that neither ends its parameter nor is escaped is a
/// character, as some clients escape nothing. `filename*` counts more than `filename`.
/// @param head  its lines, each with its CR LF, without the empty one
/// @error invalid_argument  what is wrong: no form-data, no name, something said twice, a name that is not UTF-8, a
///                          transfer encoding that would have to be undone
/// @source RFC 7578, section 4; RFC 8187; WHATWG HTML, "Multipart form data"
Result<MultipartPart> read_part_head(std::string_view head);

}  // namespace sbx::daemon
