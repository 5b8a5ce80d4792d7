#include "cli/piped_lines.hpp"

namespace sbx::cli {

TypedLine PipedLines::read(const LinePrompt& /*prompt*/)
{
    TypedLine line;
    for (;;) {
        char byte = 0;
        const SessionInput::Got got = input_.take(byte);
        if (got == SessionInput::Got::interrupted) return TypedLine{TypedLine::Kind::interrupted, ""};
        const bool is_end = got == SessionInput::Got::end;
        if (!is_end || !line.text.empty()) line.kind = TypedLine::Kind::text;
        if (is_end || byte == '\n') return line;
        line.text += byte;
    }
}

bool PipedLines::goes_on()
{
    char byte = 0;
    return input_.peek(byte) == SessionInput::Got::byte && (byte == ' ' || byte == '\t');
}

}  // namespace sbx::cli
