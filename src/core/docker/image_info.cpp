#include "core/docker/image_info.hpp"

#include "core/docker/time.hpp"

namespace sbx::docker {
namespace {

using nlohmann::json;

/// The value at `key`; what is missing or null is empty.
template <class T>
T value_of(const json& in, const char* key)
{
    const auto at = in.find(key);
    return at == in.end() || at->is_null() ? T() : at->get<T>();
}

ImageInfo read_common(const json& image)
{
    ImageInfo info;
    info.id = image.at("Id").get<std::string>();
    info.tags = value_of<std::vector<std::string>>(image, "RepoTags");
    info.repo_digests = value_of<std::vector<std::string>>(image, "RepoDigests");
    info.size_bytes = value_of<std::uint64_t>(image, "Size");
    std::erase(info.tags, "<none>:<none>");
    std::erase(info.repo_digests, "<none>@<none>");
    return info;
}

}  // namespace

ImageInfo read_inspected_image(const json& image)
{
    ImageInfo info = read_common(image);
    info.architecture = value_of<std::string>(image, "Architecture");
    info.os = value_of<std::string>(image, "Os");
    info.created = parse_time(value_of<std::string>(image, "Created"));
    const json config = value_of<json>(image, "Config");
    if (!config.is_object()) return info;
    info.env = value_of<std::vector<std::string>>(config, "Env");
    info.labels = value_of<std::map<std::string, std::string>>(config, "Labels");
    const json volumes = value_of<json>(config, "Volumes");
    if (volumes.is_object())
        for (const auto& [path, unused] : volumes.items()) info.volumes.push_back(path);
    return info;
}

ImageInfo read_listed_image(const json& image)
{
    ImageInfo info = read_common(image);
    info.created = from_seconds(value_of<std::int64_t>(image, "Created"));
    info.labels = value_of<std::map<std::string, std::string>>(image, "Labels");
    return info;
}

}  // namespace sbx::docker
