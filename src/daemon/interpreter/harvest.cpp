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

Result<IndexedFile> keep(const StoredFiles& files, const std::filesystem::path& from, const std::string& name,
                         const std::string& session)
{
    IndexedFile file;
    file.id = new_file_id();
    Result<ContentFacts> facts = adopt_content(from / name, files.place_of(file.id));
    if (!facts) return facts.error();
    file.session = session;
    file.name = name;
    file.bytes = facts->bytes;
    file.digest = std::move(facts->digest);
    file.type = media_type_of(name);
    file.created = record_time();
    return file;
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
        const auto input = std::ranges::find(mounted, each.path, &MountedFile::name);
        const bool is_input = input != mounted.end();
        if (!is_harvested(each, rules) || (is_input && input->found.file.read_only)) continue;
        if (all.produced.size() >= rules.most) {
            all.beyond.push_back(each.path);
            continue;
        }
        Result<IndexedFile> kept = keep(files, from, each.path, rules.session);
        if (!kept) {
            all.failed.push_back(each.path);
        } else if (is_input && input->found.file.digest == kept->digest) {
            std::error_code ignored;
            std::filesystem::remove(files.place_of(kept->id), ignored);
        } else {
            const std::optional<PictureSize> picture = picture_size(files.place_of(kept->id), *kept);
            std::optional<std::size_t> replaces;
            if (is_input) replaces = static_cast<std::size_t>(input - mounted.begin());
            all.produced.push_back({std::move(*kept), replaces, picture});
        }
    }
    return all;
}

}  // namespace sbx::daemon
