#include "cli/progress.hpp"

#include "sbx/quantity.hpp"

namespace sbx::cli {
namespace {

constexpr std::size_t line_width = 78;

}  // namespace

ProgressLine::ProgressLine(Context& context, bool quiet)
    : context_(context), visible_(!quiet && !context.json && context.err_is_terminal())
{
}

ProgressLine::~ProgressLine()
{
    clear();
}

ProgressSink ProgressLine::sink()
{
    return [this](const Progress& progress) { show(progress); };
}

void ProgressLine::show(const Progress& progress)
{
    const std::string text = progress_text(progress);
    if (!visible_ || text.empty()) return;
    context_.write_err("\r\x1b[K" + text);
    drawn_ = true;
}

void ProgressLine::clear()
{
    if (!drawn_) return;
    context_.write_err("\r\x1b[K");
    drawn_ = false;
}

std::string progress_text(const Progress& progress)
{
    std::string text = progress.id.empty() ? progress.status : fmt::format("{}: {}", progress.id, progress.status);
    if (progress.total > 0) text += fmt::format(" {} of {}", human_size(progress.current), human_size(progress.total));
    std::erase_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    std::size_t end = std::min(text.size(), line_width);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace sbx::cli
