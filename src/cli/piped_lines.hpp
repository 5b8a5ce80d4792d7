#pragma once

#include "cli/line_source.hpp"
#include "cli/session_input.hpp"

namespace sbx::cli {

/// Lines of a stdin that is no terminal. A line that is indented goes on with the cell.
class PipedLines : public LineSource {
   public:
    explicit PipedLines(SessionInput& input) : input_(input) {}

    TypedLine read(const LinePrompt& prompt) override;
    bool goes_on() override;

   private:
    SessionInput& input_;
};

}  // namespace sbx::cli
