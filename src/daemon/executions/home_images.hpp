#pragma once

#include "core/sandbox/condition.hpp"
#include "sbx/engine.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <set>
#include <string>

namespace sbx::daemon {

/// Images whose work directory has another name, as `/home/user`. In them /work is a link to it, which the engine
/// follows when it mounts the work directory, so that programs see the other name alone. Each is a layer of a few bytes
/// above its image and built when it is first asked for. One thread.
class HomeImages {
   public:
    /// @param engine  outlives this
    HomeImages(const asio::any_io_executor& executor, Engine& engine) : engine_(engine), changed_(executor) {}

    /// @param home  absolute, of letters, digits, '-' and '/'
    /// @error what Engine::image and Engine::build give
    asio::awaitable<Result<ImageInfo>> get(ImageInfo image, std::string home);

   private:
    asio::awaitable<Result<void>> build(std::string image, std::string home, std::string tag);

    Engine& engine_;
    Condition changed_;
    std::set<std::string> building_;  ///< by tag
};

}  // namespace sbx::daemon
