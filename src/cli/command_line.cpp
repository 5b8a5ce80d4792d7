#include "cli/command_line.hpp"

#include "core/nearest.hpp"

#include <fmt/format.h>

namespace sbx::cli {
namespace {

class Reader {
   public:
    Reader(const CLI::App& app, const std::vector<std::string>& arguments, bool operands_end_flags)
        : arguments_(arguments), operands_end_flags_(operands_end_flags)
    {
        line_.command = &app;
    }

    CommandLine read()
    {
        while (next_ < arguments_.size()) {
            const std::string& word = arguments_[next_++];
            if (word == "--") {
                line_.separator = true;
                take_rest();
            } else if (word.starts_with("--")) {
                long_flag(word);
            } else if (word.size() > 1 && word.front() == '-') {
                short_flags(word);
            } else {
                operand(word);
            }
        }
        return std::move(line_);
    }

   private:
    static bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

    void long_flag(const std::string& word)
    {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (name == "--json") line_.json = true;  // asked for, even where it is not known
        const CLI::Option* option = line_.command->get_option_no_throw(name);
        if (!option) return unknown_flag(name, equals == std::string::npos);
        if (name == "--ndjson") line_.ndjson = true;
        if (!takes_value(*option)) {
            line_.words.push_back(word);
        } else if (equals == std::string::npos) {
            value_of(name);
        } else {
            add(name, word.substr(equals + 1));
        }
    }

    /// `-it`, `-e K=V`, `-eK=V`
    void short_flags(const std::string& word)
    {
        for (std::size_t i = 1; i < word.size(); ++i) {
            const std::string name{'-', word[i]};
            const CLI::Option* option = line_.command->get_option_no_throw(name);
            if (!option) return unknown_flag(name, false);
            if (!takes_value(*option)) {
                line_.words.push_back(name);
                continue;
            }
            if (i + 1 == word.size()) {
                value_of(name);
            } else {
                add(name, word.substr(i + 1));
            }
            // As with any interpreter, what follows the code belongs to it.
            if (operands_end_flags_ && name == "-c") take_rest();
            return;
        }
    }

    void value_of(const std::string& name)
    {
        if (next_ == arguments_.size()) return fail(fmt::format("{} needs a value", name), help_hint());
        add(name, arguments_[next_++]);
        end_after_code(name);
    }

    void add(const std::string& name, const std::string& value)
    {
        if (name == "--meta") line_.meta = value;
        line_.words.push_back(name);
        line_.words.push_back(value);
    }

    /// As with an interpreter's own -c: what follows the code are its arguments.
    void end_after_code(const std::string& name)
    {
        if (operands_end_flags_ && name == "-c") take_rest();
    }

    void operand(const std::string& word)
    {
        const auto below = line_.command->get_subcommands([](const CLI::App*) { return true; });
        for (const CLI::App* command : below) {
            if (command->get_name() != word) continue;
            line_.command = command;
            line_.words.push_back(word);
            return;
        }
        if (!below.empty()) {
            std::vector<std::string> names;
            for (const CLI::App* command : below)
                if (!command->get_group().empty()) names.push_back(command->get_name());
            return fail(fmt::format("no such command: {} {}", full_name(*line_.command), word), guess(word, names));
        }
        line_.operands.push_back(word);
        if (operands_end_flags_) take_rest();
    }

    void take_rest()
    {
        line_.operands.insert(line_.operands.end(), arguments_.begin() + static_cast<std::ptrdiff_t>(next_),
                              arguments_.end());
        next_ = arguments_.size();
    }

    void unknown_flag(const std::string& name, bool may_take_value)
    {
        // Its value must not be taken for the program: what follows may still say how to tell of this.
        const bool has_value = operands_end_flags_ && may_take_value && next_ + 1 < arguments_.size() &&
                               !arguments_[next_].starts_with('-') && arguments_[next_ + 1].starts_with('-');
        if (has_value) ++next_;
        std::vector<std::string> names;
        for (const CLI::Option* option : line_.command->get_options())
            for (const std::string& known : option->get_lnames()) names.push_back("--" + known);
        fail(fmt::format("unknown flag {}", name), guess(name, names));
    }

    std::string guess(const std::string& word, const std::vector<std::string>& names) const
    {
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        return did_you_mean(word, candidates, help_hint());
    }

    std::string help_hint() const { return full_name(*line_.command) + " --help"; }

    void fail(std::string message, std::string hint)
    {
        if (!line_.error) line_.error.emplace(Errc::invalid_argument, std::move(message), std::move(hint));
    }

    const std::vector<std::string>& arguments_;
    bool operands_end_flags_;
    std::size_t next_ = 0;
    CommandLine line_;
};

}  // namespace

CommandLine read_command_line(const CLI::App& app, const std::vector<std::string>& arguments, bool operands_end_flags)
{
    return Reader(app, arguments, operands_end_flags).read();
}

std::string full_name(const CLI::App& command)
{
    const CLI::App* parent = command.get_parent();
    return parent ? full_name(*parent) + " " + command.get_name() : command.get_name();
}

}  // namespace sbx::cli
