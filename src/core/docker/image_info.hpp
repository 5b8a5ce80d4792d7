#pragma once

#include "sbx/engine.hpp"

#include <nlohmann/json.hpp>

namespace sbx::docker {

/// From ImageInspect. Throws nlohmann's exceptions: call through `read_json`.
ImageInfo read_inspected_image(const nlohmann::json& json);

/// From an element of ImageList, which knows less.
ImageInfo read_listed_image(const nlohmann::json& json);

}  // namespace sbx::docker
