#include "cli/line_editor.hpp"

#include "cli/completion_list.hpp"
#include "cli/hostile_text.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cwchar>

namespace sbx::cli {
namespace {

constexpr int remembered_lines = 1000;
constexpr std::size_t usual_width = 80;
constexpr const char* completion_name = "sbx-complete";
constexpr const char* indent_of_tab = "    ";

struct Binding {
    const char* keys;
    const char* function;
};

// What terminals send beyond what libedit binds by itself.
constexpr std::array bindings{
    Binding{"\t", completion_name},      Binding{"^R", "em-inc-search-prev"}, Binding{"\\e[3~", "ed-delete-next-char"},
    Binding{"\\e[H", "ed-move-to-beg"},  Binding{"\\e[1~", "ed-move-to-beg"}, Binding{"\\e[F", "ed-move-to-end"},
    Binding{"\\e[4~", "ed-move-to-end"}, Binding{"\\e[1;5C", "em-next-word"}, Binding{"\\e[1;5D", "ed-prev-word"}};

/// libedit takes characters by the locale: UTF-8, where the user's is none.
void choose_locale()
{
    std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread of ours
    if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

LineEditor::LineEditor(SessionLoop& loop, SessionInput& input, Completer completer, HistoryFile history)
    : loop_(loop), input_(input), completer_(std::move(completer)), history_file_(std::move(history))
{
    choose_locale();
    history_.reset(::history_init());
    editor_.reset(::el_init("sbx", stdin, stdout, stderr));
    ::el_set(editor_.get(), EL_CLIENTDATA, this);
    ::el_set(editor_.get(), EL_PROMPT, &show_prompt);
    ::el_set(editor_.get(), EL_GETCFN, &read_character);
    ::el_set(editor_.get(), EL_EDITOR, "emacs");
    ::el_set(editor_.get(), EL_ADDFN, completion_name, "Complete from the kernel", &complete);
    bind_keys();
    load_history();
    ::el_source(editor_.get(), nullptr);  // ~/.editrc
}

void LineEditor::bind_keys()
{
    for (const Binding& each : bindings) ::el_set(editor_.get(), EL_BIND, each.keys, each.function, nullptr);
}

void LineEditor::load_history()
{
    HistEvent event{};
    ::history(history_.get(), &event, H_SETSIZE, remembered_lines);
    ::el_set(editor_.get(), EL_HIST, ::history, history_.get());
    for (const std::string& line : history_file_.lines()) ::history(history_.get(), &event, H_ENTER, line.c_str());
}

TypedLine LineEditor::read(const LinePrompt& prompt)
{
    prompt_ = prompt;
    // What was pasted has its own indentation.
    if (!prompt.indent.empty() && !input_.is_waiting()) ::el_push(editor_.get(), prompt.indent.c_str());
    loop_.set_receiver([this](int signal) { return on_signal(signal); });
    ::el_set(editor_.get(), EL_PREP_TERM, 1);  // before the prompt is seen, lest the terminal takes a key for its own
    int count = 0;
    const char* line = ::el_gets(editor_.get(), &count);
    loop_.set_receiver({});
    if (line != nullptr && count > 0) {
        std::string text(line, static_cast<std::size_t>(count));
        text.erase(text.find_last_not_of("\r\n") + 1);
        remember(text);
        return {TypedLine::Kind::text, std::move(text)};
    }
    std::fputs("\n", stdout);
    std::fflush(stdout);
    if (!loop_.take_interrupt()) return {};
    ::el_reset(editor_.get());
    input_.drop();
    return {TypedLine::Kind::interrupted, ""};
}

void LineEditor::remember(const std::string& line)
{
    if (is_blank(line) || line == last_line_) return;
    last_line_ = line;
    HistEvent event{};
    ::history(history_.get(), &event, H_ENTER, line.c_str());
    history_file_.add(line);
}

bool LineEditor::on_signal(int signal)
{
    if (signal == SIGWINCH) ::el_resize(editor_.get());
    if (signal != SIGTSTP) return signal == SIGWINCH;
    ::el_set(editor_.get(), EL_PREP_TERM, 0);
    ::raise(SIGSTOP);
    ::el_set(editor_.get(), EL_PREP_TERM, 1);
    ::el_set(editor_.get(), EL_REFRESH);
    return true;
}

LineEditor& LineEditor::self(EditLine* editor)
{
    void* data = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<LineEditor*>(data);
}

char* LineEditor::show_prompt(EditLine* editor)
{
    return self(editor).prompt_.text.data();
}

/// @return as read(2) does: 0 at the end, -1 where Ctrl-C ended the waiting
int LineEditor::read_character(EditLine* editor, wchar_t* into)
{
    LineEditor& here = self(editor);
    std::mbstate_t state{};
    for (;;) {
        char byte = 0;
        const SessionInput::Got got = here.input_.take(byte);
        if (got != SessionInput::Got::byte) return got == SessionInput::Got::end ? 0 : -1;
        const std::size_t taken = std::mbrtowc(into, &byte, 1, &state);
        if (taken == static_cast<std::size_t>(-2)) continue;  // the character goes on
        if (taken <= 1) return 1;
        state = {};
    }
}

unsigned char LineEditor::complete(EditLine* editor, int /*key*/)
{
    return self(editor).complete_line();
}

unsigned char LineEditor::complete_line()
{
    const LineInfo* line = ::el_line(editor_.get());
    const std::string typed(line->buffer, line->cursor);
    if (is_blank(typed)) return ::el_insertstr(editor_.get(), indent_of_tab) == 0 ? CC_REFRESH : CC_ERROR;
    const std::string code = prompt_.before + std::string(line->buffer, line->lastchar);
    const std::size_t before = count_characters(prompt_.before);
    const std::size_t cursor = before + count_characters(typed);
    KernelCompletions found = completer_(code, cursor);
    // A word from inside never moves the cursor.
    std::erase_if(found.matches, [](const std::string& word) { return shown(word) != word; });
    if (found.matches.empty() || found.start < before || found.start > cursor || found.end != cursor) return CC_ERROR;
    return offer(found, cursor - found.start);
}

/// @param typed  how many characters in front of the cursor the matches replace
unsigned char LineEditor::offer(const KernelCompletions& found, std::size_t typed)
{
    const std::string common = common_beginning(found.matches);
    if (count_characters(common) > typed || found.matches.size() == 1) {
        ::el_deletestr(editor_.get(), static_cast<int>(typed));
        return ::el_insertstr(editor_.get(), common.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    const std::size_t width = terminal_size() ? terminal_size()->columns : usual_width;
    std::fputs(("\n" + in_columns(found.matches, width)).c_str(), stdout);
    return CC_REDISPLAY;
}

}  // namespace sbx::cli
