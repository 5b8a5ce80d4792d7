#include "daemon/executions/content.hpp"

#include "core/wire/base64.hpp"

namespace sbx::daemon {

void read_json(Decoder& decoder, const nlohmann::json& in, Content& out)
{
    if (in.is_string()) {
        out.bytes = in.get_ref<const std::string&>();
        return;
    }
    const bool is_object = in.is_object() && in.size() == 1 && in.contains("base64") && in["base64"].is_string();
    if (!is_object) return decoder.fail("Input should be a text or {\"base64\": \"…\"}", "string_type");
    if (!wire::from_base64(in["base64"].get_ref<const std::string&>(), out.bytes))
        decoder.fail("Input should be valid base64", "base64_decode");
}

}  // namespace sbx::daemon
