#pragma once

#include "cli/history_file.hpp"
#include "cli/line_source.hpp"
#include "cli/raw_terminal.hpp"
#include "cli/session_input.hpp"
#include "core/sandbox/kernel_question.hpp"

#include <histedit.h>

#include <functional>
#include <memory>
#include <string>

namespace sbx::cli {

/// Lines typed at the terminal on stdin and stdout: with editing, history and completion (libedit).
class LineEditor : public LineSource {
   public:
    /// @param cursor  in characters
    using Completer = std::function<KernelCompletions(const std::string& code, std::size_t cursor)>;

    LineEditor(SessionLoop& loop, SessionInput& input, Completer completer, HistoryFile history);
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    TypedLine read(const LinePrompt& prompt) override;
    bool goes_on() override { return false; }

   private:
    struct End {
        void operator()(EditLine* editor) const { ::el_end(editor); }
        void operator()(History* history) const { ::history_end(history); }
    };

    static LineEditor& self(EditLine* editor);
    static char* show_prompt(EditLine* editor);
    static int read_character(EditLine* editor, wchar_t* into);
    static unsigned char complete(EditLine* editor, int key);

    void bind_keys();
    void load_history();
    void remember(const std::string& line);
    bool on_signal(int signal);
    unsigned char complete_line();
    unsigned char offer(const KernelCompletions& found, std::size_t typed);

    SessionLoop& loop_;
    SessionInput& input_;
    Completer completer_;
    HistoryFile history_file_;
    KeptTerminal terminal_;
    std::unique_ptr<History, End> history_;
    std::unique_ptr<EditLine, End> editor_;
    LinePrompt prompt_;
    std::string last_line_;
};

}  // namespace sbx::cli
