#include "daemon/api/shared_errors.hpp"

#include "daemon/api/request_json.hpp"

#include <fmt/format.h>

namespace sbx::daemon {
namespace {

bool is_native(const RequestHead& head)
{
    return head.target.path.starts_with("/v1/");
}

Response readable_by_all(unsigned status, const char* what, const RequestHead& head)
{
    nlohmann::ordered_json body;
    body["detail"] = what;
    body["message"] = fmt::format("Cannot {} {}", std::string_view(http::to_string(head.method)), head.target.text);
    body["error"] = what;
    body["statusCode"] = status;
    return {status, dump(body)};
}

}  // namespace

Response SharedErrors::no_path(const RequestHead& head) const
{
    return is_native(head) ? NativeErrors().no_path(head) : readable_by_all(404, "Not Found", head);
}

Response SharedErrors::no_method(const RequestHead& head, const std::string& allowed) const
{
    if (is_native(head)) return NativeErrors().no_method(head, allowed);
    Response refused = readable_by_all(405, "Method Not Allowed", head);
    refused.headers.emplace_back("Allow", allowed);
    return refused;
}

}  // namespace sbx::daemon
