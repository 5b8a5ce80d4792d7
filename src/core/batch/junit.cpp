#include "core/batch/junit.hpp"

#include "sbx/utf8.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sbx::batch {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_output = std::size_t{64} << 10;  // of a case; the results have more
constexpr std::size_t head_bytes = 4096;                    // its numbers are known at the end
constexpr std::size_t longest_name = 512;
constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Appends the character that `text` begins with. @return how many bytes it has
std::size_t add_character(std::string& to, std::string_view text)
{
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const std::string_view character = text.substr(0, length);
    if (!is_utf8(character) || character.size() < length) {
        to += replacement;
        return 1;
    }
    const bool is_control = first < 0x20 && first != '\t' && first != '\n';  // a return would be read as a line feed
    const bool is_none = character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
    switch (text.front()) {
        case '&':
            to += "&amp;";
            break;
        case '<':
            to += "&lt;";
            break;
        case '>':
            to += "&gt;";
            break;
        case '"':
            to += "&quot;";
            break;
        case '\r':
            to += "&#13;";
            break;
        default:
            to += is_control || is_none ? replacement : character;
    }
    return length;
}

/// In an attribute a line break would be read as a space.
std::string attribute(std::string_view bytes)
{
    std::string text;
    for (const char c : xml_text(bytes)) {
        if (c == '\n')
            text += "&#10;";
        else if (c == '\t')
            text += "&#9;";
        else
            text += c;
    }
    return text;
}

void add_output(std::string& to, std::string_view element, std::string_view bytes)
{
    if (bytes.empty()) return;
    const bool is_cut = bytes.size() > most_output;
    to += fmt::format("<{0}>{1}{2}</{0}>\n", element, xml_text(bytes.substr(0, most_output)), is_cut ? "…" : "");
}

}  // namespace

std::string xml_text(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) bytes.remove_prefix(add_character(text, bytes));
    return text;
}

Result<Junit> Junit::open(const fs::path& path, std::string_view name)
{
    std::error_code failed;
    const auto refused = [&](std::string_view why) {
        return Error(Errc::invalid_argument, fmt::format("--junit: {}: {}", path.native(), why), "nothing was run");
    };
    if (fs::exists(path, failed) && !fs::is_regular_file(path, failed)) return refused("not a regular file");
    const fs::path real = fs::weakly_canonical(path, failed);  // a link keeps its place
    std::string aside = fmt::format("{}.XXXXXX", (failed ? path : real).native());
    Descriptor file(::mkostemp(aside.data(), O_CLOEXEC));
    if (!file) return refused(std::strerror(errno));
    ::fchmod(file.get(), 0644);
    Junit junit(failed ? path : real, aside, std::move(file), name);
    if (const auto written = junit.write(std::string(head_bytes, ' ')); !written) return written.error();
    return junit;
}

Junit::Junit(fs::path path, fs::path aside, Descriptor file, std::string_view name)
    : path_(std::move(path)), aside_(std::move(aside)), file_(std::move(file)), name_(name.substr(0, longest_name))
{
}

Junit::~Junit()
{
    if (file_) ::unlink(aside_.c_str());
}

Result<void> Junit::add(const Outcome& outcome)
{
    ++cases_;
    std::string text = fmt::format(R"(<testcase name="{}" classname="{}" time="{:.3f}">)", attribute(outcome.id),
                                   attribute(name_), outcome.seconds) +
                       "\n";
    if (outcome.state == Outcome::State::failed) {
        ++failures_;
        text += fmt::format(R"(<failure message="{}"/>)", attribute(outcome.why)) + "\n";
    } else if (outcome.state == Outcome::State::error) {
        ++errors_;
        text += fmt::format(R"(<error message="{}"/>)", attribute(outcome.why)) + "\n";
    }
    add_output(text, "system-out", outcome.output);
    add_output(text, "system-err", outcome.errors);
    return write(text + "</testcase>\n");
}

Result<void> Junit::finish(std::chrono::duration<double> time)
{
    if (auto written = write("</testsuite>\n</testsuites>\n"); !written) return written;
    const std::string numbers =
        fmt::format(R"(tests="{}" failures="{}" errors="{}" time="{:.3f}")", cases_, failures_, errors_, time.count());
    std::string head = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n"
        "<testsuite name=\"{1}\" {0} skipped=\"0\">",
        numbers, attribute(name_));
    head.resize(head_bytes - 1, ' ');
    head += '\n';
    if (::pwrite(file_.get(), head.data(), head.size(), 0) != static_cast<ssize_t>(head.size())) return failure();
    if (::rename(aside_.c_str(), path_.c_str()) != 0) return failure();
    file_.reset();
    return {};
}

Result<void> Junit::write(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t n = ::write(file_.get(), text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failure();
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Error Junit::failure() const
{
    return Error(Errc::unavailable, fmt::format("--junit: cannot write {}: {}", path_.native(), std::strerror(errno)));
}

}  // namespace sbx::batch
