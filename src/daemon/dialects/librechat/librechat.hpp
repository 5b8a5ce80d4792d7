#pragma once

#include "daemon/api/access.hpp"
#include "daemon/api/dialect.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/dialects/librechat/client_access.hpp"
#include "daemon/interpreter/interpreter.hpp"
#include "daemon/interpreter/tool_runs.hpp"

#include <memory>

namespace sbx::daemon::librechat {

/// What an error says that is answered 507.
inline constexpr const char* storage_full = "storage_full";

/// What the dialect is made of.
struct Services {
    Interpreter& interpreter;
    ToolRuns& tools;
    Store& store;
    std::shared_ptr<Access> access;  ///< its keys and tokens
};

/// LibreChat's code interpreter (docs/dialects.md, "librechat"). @param services  what they refer to outlives it
Dialect dialect(const Services& services);

/// `{"error": "one sentence"}`, and the same as `detail` where the server had it that this stands for.
class Errors : public ErrorShape {
   public:
    explicit Errors(bool has_detail = false) : has_detail_(has_detail) {}

    Response answer(const Error& error, const std::string& request_id) const override;
    Response answer(const std::vector<FieldError>& errors, const std::string& request_id) const override;
    Response no_path(const RequestHead& head) const override;
    Response no_method(const RequestHead& head, const std::string& allowed) const override;
    Response foreign_body(const RequestHead& head) const override;
    nlohmann::ordered_json schema(unsigned status) const override;
    unsigned status_of_field_errors() const override { return 400; }

    Response told(unsigned status, std::string_view what) const;

   private:
    bool has_detail_;
};

/// The paths of client routes: at the root, and below /v1.
std::vector<std::string> client_paths(const std::string& path);

// Its routes, by what they are about.
void add_exec_routes(Routes& routes, const Services& services);
void add_tool_routes(Routes& routes, const Services& services);
void add_upload_routes(Routes& routes, const Services& services);
void add_file_routes(Routes& routes, const Services& services);
void add_management_routes(Routes& routes, const Services& services);
void add_managed_file_routes(Routes& routes, const Services& services);

/// Sends a stored file, or the part of it that is asked for.
asio::awaitable<void> send_file(Call& call, StoredFiles& files, const IndexedFile& file, const Errors& errors);

/// "2026-01-02T03:04:05.678Z"
std::string time_text(std::chrono::milliseconds time);

}  // namespace sbx::daemon::librechat
