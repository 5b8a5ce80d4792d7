#pragma once

#include "core/lang/package_index.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <string>

namespace sbx::daemon {

/// Label of the volumes of sandboxes whose libraries come later; its value is whose they are, as `instance_label`.
inline constexpr const char* growing_label = "sbx.growing";

/// A volume that a sandbox of this instance is made with, empty, where its libraries come to.
Mount new_growing_volume(const std::string& instance, const PackageIndex& index);
/// The one that a sandbox has; nullptr: none.
const Mount* growing_volume(const SandboxRecord& record);

}  // namespace sbx::daemon
