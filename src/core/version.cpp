#include "sbx/version.hpp"

namespace sbx {

std::string_view version()
{
    return SBX_VERSION;
}

std::string_view version_date()
{
    return SBX_VERSION_DATE;
}

}  // namespace sbx
