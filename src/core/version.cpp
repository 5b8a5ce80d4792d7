#include "sbx/version.hpp"

namespace sbx {

std::string_view version()
{
    return SBX_VERSION;
}

}  // namespace sbx
