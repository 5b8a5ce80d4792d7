#include "daemon/executions/image_cache.hpp"

#include "core/with_timeout.hpp"
#include "sbx/own_image.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto fresh = 10s;

}  // namespace

asio::awaitable<Result<ChosenImage>> ImageCache::get(const Language& language, std::string named, std::string home)
{
    const std::string key = fmt::format("{} {} {}", language.name, named, home);
    const auto known = entries_.find(key);
    if (known != entries_.end() && Clock::now() - known->second.seen < fresh) co_return known->second.image;
    Result<ChosenImage> image = co_await choose(language, std::move(named));
    if (image && !home.empty()) {
        Result<ImageInfo> with_home = co_await homes_.get(image->info, std::move(home));
        if (with_home)
            image->info = std::move(*with_home);
        else
            image = with_home.error();
    }
    if (!image) {
        entries_.erase(key);
        co_return image.error();
    }
    entries_.insert_or_assign(key, Entry{*image, Clock::now()});
    co_return image;
}

asio::awaitable<Result<ChosenImage>> ImageCache::choose(const Language& language, std::string named)
{
    ImagePreference preference = image_preference(language, settings_);
    if (!named.empty()) preference.configured = std::move(named);
    auto choosing = choose_image(engine_, language, std::move(preference), ProgressSink());
    co_return co_await with_timeout(std::move(choosing), settings_.pull_timeout);
}

bool may_name_image(const Settings& settings, const std::string& reference)
{
    const auto is_it = [&](const OwnImage& image) { return image.name == reference; };
    if (std::ranges::any_of(own_images(), is_it)) return true;
    return std::ranges::any_of(settings.images, [&](const auto& entry) { return entry.second == reference; });
}

}  // namespace sbx::daemon
