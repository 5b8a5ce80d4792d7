#pragma once

#include <boost/describe/enum.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace sbx {

/// What sbx could not do. The enumerator's name is `error.code` in every JSON answer.
enum class Errc {
    invalid_argument,
    too_large,
    resource_exhausted,
    unauthenticated,
    permission_denied,
    not_found,
    conflict,
    unavailable,
    deadline_exceeded,
    image_unavailable,
    internal,
    not_implemented,
    cancelled,
};
BOOST_DESCRIBE_ENUM(Errc, invalid_argument, too_large, resource_exhausted, unauthenticated, permission_denied,
                    not_found, conflict, unavailable, deadline_exceeded, image_unavailable, internal, not_implemented,
                    cancelled)

/// A failure of sbx itself, never of the program it runs.
/// `message` says what and which, lower case, no full stop; `hint` is the next command to try, or empty.
struct Error {
    Error() = default;  // what `Result::error()` asks for
    Error(Errc code_, std::string message_) : code(code_), message(std::move(message_)) {}
    Error(Errc code_, std::string message_, std::string hint_)
        : code(code_), message(std::move(message_)), hint(std::move(hint_))
    {
    }

    Errc code = Errc::internal;
    std::string message;
    std::string hint;

    bool operator==(const Error&) const = default;
};

std::string_view name_of(Errc code);

/// Status of an HTTP answer that carries this error.
unsigned http_status(Errc code);

/// Exit code of `sbx run` and of the other commands that run programs.
int run_exit_code(Errc code);

/// Exit code of management commands.
int command_exit_code(Errc code);

/// Whether the same request may succeed later without a change.
bool is_retryable(Errc code);

}  // namespace sbx
