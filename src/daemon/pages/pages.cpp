#include "daemon/pages/pages.hpp"

#include <vector>

// NOLINTBEGIN(bugprone-macro-parentheses): a declared name takes none
#define SBX_PAGE(path, type, begin, end) \
    extern "C" const char begin[];       \
    extern "C" const char end[];
// NOLINTEND(bugprone-macro-parentheses)
#include "pages.inc"
#undef SBX_PAGE

namespace sbx::daemon {

std::span<const Page> pages()
{
#define SBX_PAGE(path, type, begin, end) Page{path, type, {{begin, end}}},
    static const std::vector<Page> all{
#include "pages.inc"
    };
#undef SBX_PAGE
    return all;
}

}  // namespace sbx::daemon
