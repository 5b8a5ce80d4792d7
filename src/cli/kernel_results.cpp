#include "cli/kernel_results.hpp"

#include "core/wire/base64.hpp"

#include <fmt/format.h>
#include <boost/describe/enum_to_string.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_record_bytes = std::size_t{64} << 20;
constexpr int most_files = 100'000;

struct Extension {
    std::string_view mime;
    std::string_view extension;
};

std::string extension_of(std::string_view mime)
{
    static constexpr std::array known{Extension{"image/png", "png"},     Extension{"image/jpeg", "jpg"},
                                      Extension{"image/gif", "gif"},     Extension{"image/webp", "webp"},
                                      Extension{"image/svg+xml", "svg"}, Extension{"application/pdf", "pdf"}};
    for (const Extension& row : known)
        if (row.mime == mime) return std::string(row.extension);
    return mime == "application/json" || mime.ends_with("+json") ? "json" : "bin";
}

/// Values that are bytes come as base64; those of a textual type as they are.
std::string bytes_of(std::string_view mime, const ordered_json& value)
{
    if (!value.is_string() || mime == "application/json" || mime.ends_with("+json")) return value.dump();
    const auto& text = value.get_ref<const std::string&>();
    std::string bytes;
    return !mime.ends_with("+xml") && wire::from_base64(text, bytes) ? bytes : text;
}

Error cannot_write(const std::filesystem::path& path)
{
    const Errc code = errno == EACCES || errno == EPERM ? Errc::permission_denied : Errc::unavailable;
    return Error(code, fmt::format("--artifacts: cannot write {}: {}", path.native(), std::strerror(errno)));
}

/// A new file with the first number that is free.
Result<int> open_numbered(const std::filesystem::path& directory, const std::string& extension)
{
    std::filesystem::path path;
    for (int number = 1; number <= most_files; ++number) {
        path = directory / fmt::format("{}.{}", number, extension);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0) return file;
        if (errno != EEXIST) break;
    }
    return cannot_write(path);
}

Result<void> write_value(const std::filesystem::path& directory, const std::string& extension, std::string_view bytes)
{
    const Result<int> file = open_numbered(directory, extension);
    if (!file) return file.error();
    Result<void> written;
    while (!bytes.empty() && written) {
        const ssize_t count = ::write(*file, bytes.data(), bytes.size());
        if (count > 0)
            bytes.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            written = cannot_write(directory);
    }
    ::close(*file);
    return written;
}

}  // namespace

void KernelResults::add(const KernelAnswer& answer)
{
    if (answer.type == KernelAnswerType::error) {
        if (error_.is_null()) error_ = answer.fields;
        return;
    }
    if (answer.type == KernelAnswerType::clear) {
        clear_next_ = answer.fields["wait"] == true;
        if (!clear_next_) clear();
        return;
    }
    if (bytes_ + answer.bytes > most_record_bytes) {
        truncated_ = true;
        return;
    }
    bytes_ += answer.bytes;
    if (clear_next_) clear();
    if (answer.type == KernelAnswerType::display_update) return replace(answer.fields);
    shown_.push_back(event_of(answer));
}

/// A display that is updated stands where it stood; one that is not there any more is not shown.
void KernelResults::replace(const ordered_json& fields)
{
    for (ordered_json& each : shown_) {
        if (!each.contains("display_id") || each["display_id"] != fields.value("display_id", "")) continue;
        each["data"] = fields["data"];
        each["metadata"] = fields["metadata"];
    }
}

void KernelResults::clear()
{
    shown_ = ordered_json::array();
    clear_next_ = false;
}

void KernelResults::complete(ordered_json& record) const
{
    record["results"] = shown_;
    if (!error_.is_null()) record["error"] = error_;
    if (truncated_) record["truncated"] = true;
}

ordered_json event_of(const KernelAnswer& answer)
{
    ordered_json event;
    event["type"] = boost::describe::enum_to_string(answer.type, "?");
    event.update(answer.fields);
    return event;
}

std::string text_of(const KernelAnswer& answer)
{
    const ordered_json& data = answer.fields["data"];
    if (const auto text = data.find("text/plain"); text != data.end()) return text->get<std::string>();
    std::string types;
    for (const auto& [mime, value] : data.items()) types += fmt::format("{}<{}>", types.empty() ? "" : " ", mime);
    return types;
}

Result<void> save_values(const ordered_json& data, const std::filesystem::path& directory)
{
    for (const auto& [mime, value] : data.items()) {
        if (mime.starts_with("text/")) continue;
        std::error_code failed;
        std::filesystem::create_directories(directory, failed);
        const Result<void> written = write_value(directory, extension_of(mime), bytes_of(mime, value));
        if (!written) return written;
    }
    return {};
}

}  // namespace sbx::cli
