#pragma once

#include "cli/context.hpp"
#include "sbx/engine.hpp"

#include <string>

namespace sbx::cli {

/// One line on stderr that shows what a pull or a build is doing, rewritten in place; only on a terminal.
class ProgressLine {
   public:
    ProgressLine(Context& context, bool quiet);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// Must not outlive this.
    ProgressSink sink();
    /// Takes the line away.
    void clear();

   private:
    void show(const Progress& progress);

    Context& context_;
    bool visible_;
    bool drawn_ = false;
};

/// `layer 3f4a: Downloading 12 of 48 MiB`, without anything a terminal would obey.
std::string progress_text(const Progress& progress);

}  // namespace sbx::cli
