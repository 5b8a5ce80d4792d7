#include "daemon/dialects/librechat/exec_answer.hpp"

#include "daemon/dialects/librechat/librechat.hpp"

#include <fmt/format.h>

#include <cstring>

namespace sbx::daemon::librechat {
namespace {

using nlohmann::ordered_json;

ordered_json entry(const std::string& id, const std::string& file_name, const std::string& session)
{
    return {{"id", id},
            {"name", file_name},
            {"path", fmt::format("{}/{}", interpreter_home, file_name)},
            {"session_id", session},
            {"storage_session_id", session}};
}

ordered_json produced_json(const ProducedFile& produced, const InterpreterEnd& end)
{
    ordered_json json = entry(produced.file.id, produced.file.name, end.session);
    if (produced.replaces) {
        const FoundFile& before = end.mounted[*produced.replaces].found;
        json["modified_from"] = {
            {"id", before.file.id}, {"session_id", before.session.id}, {"storage_session_id", before.session.id}};
    }
    if (produced.picture) {
        json["width"] = produced.picture->width;
        json["height"] = produced.picture->height;
    }
    return json;
}

ordered_json inherited_json(const MountedFile& mounted)
{
    ordered_json json = entry(mounted.found.file.id, mounted.name, mounted.found.session.id);
    json["inherited"] = true;
    const FileReference& reference = *mounted.reference;
    if (!reference.kind.is_null()) json["kind"] = reference.kind;
    if (!reference.resource.is_null()) json["resource_id"] = reference.resource;
    if (!reference.version.is_null()) json["version"] = reference.version;
    return json;
}

}  // namespace

ordered_json files_json(const InterpreterEnd& end)
{
    ordered_json all = ordered_json::array();
    for (const ProducedFile& produced : end.produced) all.push_back(produced_json(produced, end));
    for (const std::size_t number : end.inherited) all.push_back(inherited_json(end.mounted[number]));
    return all;
}

void add_rare_members(ordered_json& json, const InterpreterEnd& end)
{
    if (!end.deleted.empty()) json["deleted_files"] = end.deleted;
    if (!end.missing.empty()) json["missing_files"] = end.missing;
    if (end.undelivered == 0) return;
    const std::size_t delivered = end.produced.size();
    json["artifact_delivery"] = {{"code", "artifact_delivery_failed"},
                                 {"status", delivered == 0 ? "failed" : "partial"},
                                 {"attempted", delivered + end.undelivered},
                                 {"delivered", delivered},
                                 {"failed", end.undelivered}};
}

}  // namespace sbx::daemon::librechat

namespace sbx::daemon {
namespace {

using nlohmann::ordered_json;

ordered_json status_word(InterpreterStatus status)
{
    switch (status) {
        case InterpreterStatus::good:
            return nullptr;
        case InterpreterStatus::RE:
            return "RE";
        case InterpreterStatus::SG:
            return "SG";
        case InterpreterStatus::TO:
            return "TO";
        case InterpreterStatus::OL:
            return "OL";
        case InterpreterStatus::EL:
            return "EL";
    }
    return nullptr;
}

/// "SIGKILL"
ordered_json signal_name(std::optional<int> signal)
{
    const char* const word = signal ? ::sigabbrev_np(*signal) : nullptr;
    return word == nullptr ? ordered_json() : ordered_json(fmt::format("SIG{}", word));
}

}  // namespace

Schemas::Json JsonForm<ExecAnswer>::schema(Schemas& /*schemas*/)
{
    return Schemas::Json::parse(R"({
        "type": "object",
        "title": "ExecAnswer",
        "required": ["session_id", "stdout", "stderr", "files"],
        "properties": {
            "session_id": {"type": "string"},
            "stdout": {"type": "string"},
            "stderr": {"type": "string"},
            "files": {"type": "array", "items": {"type": "object"}, "description": "New and changed ones, then those that are as they were"},
            "deleted_files": {"type": "array", "items": {"type": "string"}},
            "missing_files": {"type": "array", "items": {"type": "string"}},
            "artifact_delivery": {"type": "object"},
            "code": {"type": ["integer", "null"]},
            "exit_code": {"type": ["integer", "null"]},
            "signal": {"type": ["string", "null"]},
            "status": {"enum": [null, "RE", "SG", "TO", "OL", "EL"]},
            "message": {"type": ["string", "null"]},
            "wall_time": {"type": "integer", "description": "Milliseconds"},
            "run_id": {"type": "string"},
            "language": {"type": "string"}
        }
    })");
}

ordered_json JsonForm<ExecAnswer>::write(const ExecAnswer& answer)
{
    const InterpreterEnd& end = answer.end;
    ordered_json json;
    json["session_id"] = end.session;
    json["stdout"] = end.output;
    json["stderr"] = end.errors;
    json["files"] = librechat::files_json(end);
    librechat::add_rare_members(json, end);
    json["code"] = json_of(end.code);
    json["exit_code"] = json_of(end.code);
    json["signal"] = signal_name(end.signal);
    json["status"] = status_word(end.status);
    json["message"] = nullptr;
    json["wall_time"] = end.wall.count();
    if (answer.run_id.empty()) return json;
    json["run_id"] = answer.run_id;
    json["language"] = answer.language;
    return json;
}

}  // namespace sbx::daemon
