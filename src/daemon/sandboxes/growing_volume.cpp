#include "daemon/sandboxes/growing_volume.hpp"

#include "core/random.hpp"

#include <algorithm>

namespace sbx::daemon {

Mount new_growing_volume(const std::string& instance, const PackageIndex& index)
{
    Mount mount;
    mount.volume = "sbx-growing-" + random_hex(8);
    mount.target = index.target;
    mount.labels[growing_label] = instance;
    return mount;
}

const Mount* growing_volume(const SandboxRecord& record)
{
    const auto at =
        std::ranges::find_if(record.libraries, [](const Mount& mount) { return mount.labels.contains(growing_label); });
    return at == record.libraries.end() ? nullptr : &*at;
}

}  // namespace sbx::daemon
