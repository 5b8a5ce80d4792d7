#include "daemon/executions/named_libraries.hpp"

#include "core/lang/requirement.hpp"
#include "core/libraries/library_use.hpp"

namespace sbx::daemon {

asio::awaitable<Result<std::optional<MountedLibraries>>> named_libraries(Engine& engine, std::string endpoint,
                                                                         const Settings& settings,
                                                                         const Directories& own,
                                                                         const Language& language, ChosenImage image,
                                                                         std::vector<std::string> names)
{
    if (names.empty()) co_return std::optional<MountedLibraries>();
    const auto index = find_package_index(language);
    if (!index) co_return index.error();
    auto sound = sound_requirements(**index, names, "libraries");
    if (!sound) co_return sound.error();
    LibraryRequest wanted;
    wanted.index = *index;
    wanted.requirements = std::move(*sound);
    LibraryPlace place{engine, std::move(endpoint), image.info, image.reference};
    InstallPolicy policy = install_policy(settings, process_environment());
    Result<MountedLibraries> libraries =
        co_await ensure_libraries(std::move(place), std::move(wanted), std::move(policy), own, std::function<void()>());
    if (!libraries) co_return libraries.error();
    co_return std::optional<MountedLibraries>(std::move(*libraries));
}

}  // namespace sbx::daemon
