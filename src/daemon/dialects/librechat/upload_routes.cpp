#include "daemon/dialects/librechat/librechat.hpp"
#include "daemon/dialects/librechat/upload.hpp"

#include <algorithm>
#include <array>

namespace sbx::daemon {

// Types that requests and answers are made of: they have names for templates of other files.

struct UploadedName {
    std::string fileId;
    std::string filename;
};
BOOST_DESCRIBE_STRUCT(UploadedName, (), (fileId, filename))

struct UploadAnswer {
    std::string message = "success";
    std::string session_id;
    std::string storage_session_id;
    std::vector<UploadedName> files;
};
BOOST_DESCRIBE_STRUCT(UploadAnswer, (), (message, session_id, storage_session_id, files))

/// Of several files, each of which may have failed.
struct BatchAnswer {
    librechat::Upload upload;
};

template <>
struct JsonForm<BatchAnswer> {
    static constexpr const char* name = "BatchAnswer";
    static Schemas::Json schema(Schemas& /*schemas*/)
    {
        return Schemas::Json::parse(R"({
            "type": "object",
            "title": "BatchAnswer",
            "properties": {
                "message": {"enum": ["success", "partial_success", "error"]},
                "session_id": {"type": "string"},
                "storage_session_id": {"type": "string"},
                "succeeded": {"type": "integer"},
                "failed": {"type": "integer"},
                "files": {"type": "array", "items": {"type": "object"}},
                "filesLimitReached": {"type": "boolean"},
                "maxFiles": {"type": "integer"}
            }
        })");
    }
    static nlohmann::ordered_json write(const BatchAnswer& answer);
};

namespace librechat {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_batch_files = 200;

ordered_json uploaded_json(const UploadedFile& file)
{
    if (file.failure) return {{"status", "error"}, {"filename", file.name}, {"error", file.failure->message}};
    return {{"status", "success"}, {"fileId", file.file.id}, {"filename", file.name}};
}

std::size_t failures(const Upload& upload)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(upload.files, [](const UploadedFile& file) { return file.failure.has_value(); }));
}

asio::awaitable<Result<UploadAnswer>> upload_one(Services services, Call& call, Nothing /*request*/)
{
    const UploadRules rules;
    const Result<Upload> upload = co_await receive_upload(call, services.interpreter, rules);
    if (!upload) co_return upload.error();
    UploadAnswer answer;
    answer.session_id = upload->session.id;
    answer.storage_session_id = upload->session.id;
    answer.files.push_back({upload->files.front().file.id, upload->files.front().name});
    co_return answer;
}

/// Where all failed there is no session, and the answer is 400 with the same members.
asio::awaitable<void> upload_batch(Services services, Call& call, Nothing /*request*/)
{
    UploadRules rules;
    rules.most_files = most_batch_files;
    rules.keeps_going = true;
    Result<Upload> upload = co_await receive_upload(call, services.interpreter, rules);
    Response response;
    if (upload) {
        const bool has_failed = failures(*upload) == upload->files.size();
        BatchAnswer answer;
        answer.upload = std::move(*upload);
        response = Response(has_failed ? 400 : 200, json_of(answer).dump());
    } else {
        const Errors errors;
        response = errors.answer(upload.error(), call.exchange.head().id);
    }
    co_await call.exchange.respond(std::move(response));
}

}  // namespace

void add_upload_routes(Routes& routes, const Services& services)
{
    const std::vector<Errc> errors{Errc::too_large, Errc::unavailable};
    for (const std::string& path : client_paths("/upload")) {
        Route& upload = routes.add<Nothing, UploadAnswer>(
            http::verb::post, path,
            {.summary = "Upload a file", .tag = name, .errors = errors, .consumes = "multipart/form-data"},
            [services](Call& call, Nothing request) { return upload_one(services, call, request); });
        refuse_when_storage_full(upload, services.store);
    }
    for (const std::string& path : client_paths("/upload/batch")) {
        Route& upload = routes.add_raw<Nothing, BatchAnswer>(
            http::verb::post, path,
            {.summary = "Upload files", .tag = name, .errors = errors, .consumes = "multipart/form-data"},
            [services](Call& call, Nothing request) { return upload_batch(services, call, request); });
        refuse_when_storage_full(upload, services.store);
    }
}

}  // namespace librechat

nlohmann::ordered_json JsonForm<BatchAnswer>::write(const BatchAnswer& answer)
{
    const librechat::Upload& upload = answer.upload;
    const std::size_t failed = librechat::failures(upload);
    const std::size_t succeeded = upload.files.size() - failed;
    nlohmann::ordered_json json;
    json["message"] = failed == 0 ? "success" : (succeeded == 0 ? "error" : "partial_success");
    json["session_id"] = upload.session.id;
    json["storage_session_id"] = upload.session.id;
    json["succeeded"] = succeeded;
    json["failed"] = failed;
    json["files"] = nlohmann::ordered_json::array();
    for (const librechat::UploadedFile& file : upload.files) json["files"].push_back(librechat::uploaded_json(file));
    if (!upload.has_more) return json;
    json["filesLimitReached"] = true;
    json["maxFiles"] = librechat::most_batch_files;
    return json;
}

}  // namespace sbx::daemon
