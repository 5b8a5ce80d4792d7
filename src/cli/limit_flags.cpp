#include "cli/limit_flags.hpp"

#include <array>

namespace sbx::cli {

void add_limit_flags(CLI::App& command, std::map<std::string, std::string>& settings, LimitFlags which)
{
    struct Row {
        const char* key;
        const char* flag;
        const char* type;
        const char* meaning;
        LimitFlags of = LimitFlags::all;
    };
    static constexpr std::array rows{
        Row{"limits.timeout", "--timeout", "TIME", "Time for the program: 500ms, 30s, 10m (default), none",
            LimitFlags::of_code},
        Row{"limits.grace", "--grace", "TIME", "Time between the polite signal and the kill (default 2s)",
            LimitFlags::of_code},
        Row{"limits.memory", "--memory", "SIZE", "Memory, files in /work and /tmp included (default 512m)",
            LimitFlags::of_sandbox},
        Row{"limits.cpus", "--cpus", "N", "Processor cores: 0.5, 2 (default 1)", LimitFlags::of_sandbox},
        Row{"limits.pids", "--pids", "N", "Processes and threads (default 128)", LimitFlags::of_sandbox},
        Row{"limits.disk", "--disk", "SIZE", "Size of /work, at most half of the memory (default 256m)",
            LimitFlags::of_sandbox},
        Row{"limits.max_output", "--max-output", "SIZE", "Output, then the program is killed (default 64m, none)",
            LimitFlags::of_code},
        Row{"limits.cpu_time", "--cpu-time", "TIME", "Processor time of the program (default none)",
            LimitFlags::of_program},
        Row{"limits.compile_timeout", "--compile-timeout", "TIME", "Time for a compilation (default 2m)"},
        Row{"limits.install_timeout", "--install-timeout", "TIME", "Time for installing libraries (default 10m)"},
        Row{"limits.pull_timeout", "--pull-timeout", "TIME", "Time for pulling an image (default 10m)"},
    };
    for (const Row& row : rows) {
        const bool programs_too = which == LimitFlags::of_program && row.of == LimitFlags::of_code;
        if (which != LimitFlags::all && which != row.of && !programs_too) continue;
        const auto set = [&settings, key = row.key](const std::string& text) { settings[key] = text; };
        command.add_option_function<std::string>(row.flag, set, row.meaning)->type_name(row.type)->group("Limits");
    }
}

}  // namespace sbx::cli
