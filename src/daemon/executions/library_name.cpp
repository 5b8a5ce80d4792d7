#include "daemon/executions/library_name.hpp"

#include "core/lang/package_index.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>

namespace sbx::daemon {
namespace {

constexpr std::size_t longest_name = 256;

/// Of which language they are is not always known yet: code in a session does not say it.
bool is_requirement(const std::string& text)
{
    const std::string trimmed = boost::algorithm::trim_copy(text);
    return std::ranges::any_of(package_indexes(),
                               [&](const PackageIndex& index) { return index.is_requirement(trimmed); });
}

}  // namespace

void read_json(Decoder& decoder, const nlohmann::json& in, LibraryName& out)
{
    if (!in.is_string()) return decoder.fail("Input should be a valid string", "string_type");
    out.text = in.get_ref<const std::string&>();
    if (out.text.size() > longest_name)
        return decoder.fail(fmt::format("String should have at most {} characters", longest_name), "string_too_long",
                            {{"max_length", longest_name}});
    if (!is_requirement(out.text)) decoder.fail_value(fmt::format("'{}' is not the name of a library", out.text));
}

Schemas::Json JsonForm<LibraryName>::schema(Schemas& /*schemas*/)
{
    return {{"type", "string"}, {"title", name}, {"maxLength", longest_name}};
}

}  // namespace sbx::daemon
