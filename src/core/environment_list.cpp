#include "core/environment_list.hpp"

#include <algorithm>

namespace sbx {

EnvironmentList merged(EnvironmentList weaker, EnvironmentList stronger)
{
    std::erase_if(weaker, [&](const auto& variable) {
        return std::ranges::find(stronger, variable.first, &EnvironmentList::value_type::first) != stronger.end();
    });
    weaker.insert(weaker.end(), stronger.begin(), stronger.end());
    return weaker;
}

}  // namespace sbx
