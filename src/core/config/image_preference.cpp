#include "core/config/image_preference.hpp"

namespace sbx {

ImagePreference image_preference(const Language& language, const Settings& settings)
{
    ImagePreference preference;
    const auto configured = settings.images.find(std::string(language.name));
    if (configured != settings.images.end()) preference.configured = configured->second;
    preference.registry = settings.registry;
    preference.pull = settings.pull;
    return preference;
}

}  // namespace sbx
