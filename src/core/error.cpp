#include "sbx/error.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/list.hpp>

#include <array>

namespace sbx {
namespace {

/// The only place that ties a code to the outside.
struct Row {
    Errc code;
    unsigned http;
    int run_exit;
    int command_exit;
    bool retryable;
};

constexpr std::array table{
    Row{Errc::invalid_argument, 400, 125, 2, false},
    Row{Errc::too_large, 413, 126, 1, false},
    Row{Errc::resource_exhausted, 429, 126, 7, true},
    Row{Errc::unauthenticated, 401, 126, 4, false},
    Row{Errc::permission_denied, 403, 126, 4, false},
    Row{Errc::not_found, 404, 127, 3, false},
    Row{Errc::conflict, 409, 125, 5, false},
    Row{Errc::unavailable, 503, 125, 6, true},
    Row{Errc::deadline_exceeded, 504, 125, 8, true},
    Row{Errc::image_unavailable, 424, 125, 3, false},
    Row{Errc::internal, 500, 125, 1, false},
    Row{Errc::not_implemented, 501, 125, 1, false},
    // 128 + signal is known only to whoever caught the signal; SIGINT is the usual one.
    Row{Errc::cancelled, 499, 130, 130, true},
};

constexpr bool is_in_order()
{
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i) return false;
    return true;
}
static_assert(table.size() == boost::mp11::mp_size<boost::describe::describe_enumerators<Errc>>::value);
static_assert(is_in_order());

const Row& row_of(Errc code)
{
    return table.at(static_cast<std::size_t>(code));
}

}  // namespace

std::string_view name_of(Errc code)
{
    return boost::describe::enum_to_string(code, "internal");
}

unsigned http_status(Errc code)
{
    return row_of(code).http;
}

int run_exit_code(Errc code)
{
    return row_of(code).run_exit;
}

int command_exit_code(Errc code)
{
    return row_of(code).command_exit;
}

bool is_retryable(Errc code)
{
    return row_of(code).retryable;
}

}  // namespace sbx
