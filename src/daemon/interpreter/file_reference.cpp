#include "daemon/interpreter/file_reference.hpp"

#include "daemon/interpreter/file_names.hpp"

#include <algorithm>

namespace sbx::daemon {
namespace {

std::string text_of(const nlohmann::json& object, const char* member)
{
    const auto at = object.find(member);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

/// Numbers and texts are the same version.
std::string word_of(const nlohmann::json& value)
{
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? value.dump() : std::string();
}

/// The last of a name stays, at its own place.
void keep_last_of_each_name(std::vector<MountedFile>& files)
{
    std::vector<MountedFile> kept;
    for (auto at = files.rbegin(); at != files.rend(); ++at)
        if (std::ranges::find(kept, at->name, &MountedFile::name) == kept.end()) kept.push_back(std::move(*at));
    std::ranges::reverse(kept);
    files = std::move(kept);
}

/// What stands where another file's directory would be cannot be put there.
void drop_blocked(Mounts& mounts)
{
    const auto is_blocked = [&](const MountedFile& file) {
        return std::ranges::any_of(mounts.files, [&](const MountedFile& other) {
            return other.name.size() > file.name.size() && other.name.starts_with(file.name + "/");
        });
    };
    for (const MountedFile& file : mounts.files)
        if (is_blocked(file)) mounts.missing.push_back(file.name);
    std::vector<MountedFile> kept;
    std::ranges::copy_if(mounts.files, std::back_inserter(kept), std::not_fn(is_blocked));
    mounts.files = std::move(kept);
}

}  // namespace

FileEntity FileReference::entity() const
{
    return {word_of(kind), word_of(resource), word_of(version)};
}

void read_json(Decoder& decoder, const nlohmann::json& in, FileReference& out)
{
    if (!in.is_object()) return decoder.fail("Input should be a reference to a file", "dict_type");
    out.id = text_of(in, "id");
    if (out.id.empty()) return decoder.fail("Input should name a file by its id", "missing");
    const std::string stored = text_of(in, "storage_session_id");
    out.is_newer = !stored.empty();
    out.session = out.is_newer ? stored : text_of(in, "session_id");
    if (std::string name = text_of(in, "name"); !name.empty()) out.name = std::move(name);
    out.kind = in.value("kind", nlohmann::json());
    out.resource = in.value("resource_id", nlohmann::json());
    out.version = in.value("version", nlohmann::json());
}

Schemas::Json JsonForm<FileReference>::schema(Schemas& /*schemas*/)
{
    return Schemas::Json::parse(R"({
        "type": "object",
        "title": "FileReference",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "session_id": {"type": "string"},
            "storage_session_id": {"type": "string", "description": "Beats session_id"},
            "name": {"type": "string", "description": "Below /mnt/data"},
            "resource_id": {"type": "string"},
            "kind": {"type": "string"},
            "version": {"type": ["integer", "string"]}
        }
    })");
}

nlohmann::ordered_json JsonForm<FileReference>::write(const FileReference& reference)
{
    nlohmann::ordered_json json{{"id", reference.id}, {"session_id", reference.session}};
    if (reference.name) json["name"] = *reference.name;
    return json;
}

asio::awaitable<Result<Mounts>> mount_references(StoredFiles& files, std::vector<FileReference> references,
                                                 std::size_t most, Caller caller)
{
    Mounts mounts;
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const FileReference& reference : references) {
        const bool has_form = is_file_id(reference.session) && is_file_id(reference.id);
        wanted.emplace_back(has_form ? reference.session : "", has_form ? reference.id : "");
    }
    Result<std::vector<std::optional<FoundFile>>> found = co_await files.find_all(std::move(wanted));
    if (!found) co_return found.error();
    for (std::size_t i = 0; i < references.size(); ++i) {
        std::optional<FoundFile>& file = (*found)[i];
        FileReference& reference = references[i];
        const bool is_there = file && may_read(file->session, caller, reference.entity());
        std::string name = reference.name.value_or(is_there ? file->file.name : reference.id);
        if (!is_there || mounts.files.size() >= most)
            mounts.missing.push_back(std::move(name));
        else if (!is_file_name(name))
            mounts.refused.push_back(std::move(name));
        else
            mounts.files.push_back({std::move(*file), std::move(name), std::move(reference)});
    }
    keep_last_of_each_name(mounts.files);
    drop_blocked(mounts);
    co_return mounts;
}

asio::awaitable<Result<Mounts>> mount_session(StoredFiles& files, FileSession session)
{
    Mounts mounts;
    Result<std::vector<IndexedFile>> listed = co_await files.list(session.id);
    if (!listed) co_return listed.error();
    for (IndexedFile& file : *listed) {
        std::string name = file.name;
        FoundFile found{session, std::move(file)};
        mounts.files.push_back({std::move(found), std::move(name), std::nullopt});
    }
    co_return mounts;
}

}  // namespace sbx::daemon
