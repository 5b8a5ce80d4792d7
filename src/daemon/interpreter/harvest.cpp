#include "daemon/interpreter/harvest.hpp"

#include "core/sandbox/sandbox_record.hpp"
#include "daemon/interpreter/file_names.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t png_head_bytes = 24;

std::optional<PictureSize> picture_size(const std::filesystem::path& place, const IndexedFile& file)
{
    if (file.type != "image/png" || file.bytes < png_head_bytes) return std::nullopt;
    const Result<ContentReader> reader = ContentReader::open(place);
    if (!reader) return std::nullopt;
    const Result<std::string> beginning = reader->read(0, png_head_bytes);
    return beginning ? png_size(*beginning) : std::nullopt;
}

}  // namespace

bool is_harvested(const ChangedFile& file, const HarvestRules& rules)
{
    return is_result_name(file.path) && is_file_name(file.path) && file.size_bytes <= rules.file_bytes;
}

Harvest harvest(const StoredFiles& files, const std::filesystem::path& from, const std::vector<ChangedFile>& changed,
                const std::vector<MountedFile>& mounted, const HarvestRules& rules)
{
    Harvest all;
    for (const ChangedFile& each : changed) {
        if (!is_harvested(each, rules)) continue;
        const auto input = std::ranges::find(mounted, each.path, &MountedFile::name);
        const bool is_input = input != mounted.end();
        if (is_input && input->found.file.read_only) continue;
        if (all.produced.size() >= rules.most) {
            all.beyond.push_back(each.path);
            continue;
        }
        ProducedFile produced;
        IndexedFile& file = produced.file;
        file.id = new_file_id();
        const std::filesystem::path place = files.place_of(file.id);
        Result<ContentFacts> kept = adopt_content(from / each.path, place);
        if (!kept) {
            all.failed.push_back(each.path);
            continue;
        }
        if (is_input && input->found.file.digest == kept->digest) {
            std::error_code ignored;
            std::filesystem::remove(place, ignored);
            continue;
        }
        file.session = rules.session;
        file.name = each.path;
        file.bytes = kept->bytes;
        file.digest = std::move(kept->digest);
        file.type = media_type_of(file.name);
        file.created = record_time();
        if (is_input) produced.replaces = static_cast<std::size_t>(input - mounted.begin());
        produced.picture = picture_size(place, file);
        all.produced.push_back(std::move(produced));
    }
    return all;
}

}  // namespace sbx::daemon
