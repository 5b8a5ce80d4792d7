#pragma once

#include "core/config/settings.hpp"
#include "core/lang/image_choice.hpp"

namespace sbx {

/// The image of a language that the settings ask for.
ImagePreference image_preference(const Language& language, const Settings& settings);

}  // namespace sbx
