#pragma once

#include "core/config/image_preference.hpp"
#include "core/lang/image_choice.hpp"
#include "daemon/executions/home_images.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace sbx::daemon {

/// The images that runs get, looked up at the engine now and then instead of for each run: an image that was built anew
/// is seen within seconds. One thread.
class ImageCache {
   public:
    /// @param engine, settings  outlive this
    ImageCache(const asio::any_io_executor& executor, Engine& engine, const Settings& settings)
        : engine_(engine), settings_(settings), homes_(executor, engine)
    {
    }

    /// @param named  instead of the language's; empty: none
    /// @param home   another name of the work directory, as `HomeImages` has it; empty: none
    /// @error image_unavailable
    /// @error deadline_exceeded  it takes too long to pull
    asio::awaitable<Result<ChosenImage>> get(const Language& language, std::string named, std::string home);

    asio::awaitable<Result<ChosenImage>> get(const Language& language, std::string named)
    {
        return get(language, std::move(named), std::string());
    }

   private:
    asio::awaitable<Result<ChosenImage>> choose(const Language& language, std::string named);

    using Clock = std::chrono::steady_clock;
    struct Entry {
        ChosenImage image;
        Clock::time_point seen;
    };

    Engine& engine_;
    const Settings& settings_;
    HomeImages homes_;
    std::map<std::string, Entry> entries_;
};

/// Whether a caller who is not the operator may name this image (SECURITY-TARGETS §1): one of those that sbx ships, or
/// that the settings give a language.
bool may_name_image(const Settings& settings, const std::string& reference);

}  // namespace sbx::daemon
