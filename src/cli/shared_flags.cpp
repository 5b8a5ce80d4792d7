#include "cli/shared_flags.hpp"

#include "core/nearest.hpp"

#include <algorithm>

namespace sbx::cli {

void add_json_flag(CLI::App& command, Context& context)
{
    command.add_flag("--json", context.json, "Print exactly one JSON value");
}

void add_config_flag(CLI::App& command, Context& context)
{
    command.add_option("--config", context.config_file, "Read settings from this file too (SBX_CONFIG)")
        ->type_name("FILE");
}

void add_yes_flags(CLI::App& command, Context& context)
{
    command.add_flag("-y,--yes", context.assume_yes, "Do not ask");
    command.add_flag("--no-input", context.no_input, "Never ask: fail where an answer is needed");
}

void add_quiet_flag(CLI::App& command, bool& quiet, std::string_view what)
{
    command.add_flag("-q,--quiet", quiet, fmt::format("Print {} only", what));
}

void Filter::add_flag(CLI::App& command, std::vector<std::string_view> keys)
{
    keys_ = std::move(keys);
    command
        .add_option("--filter", texts_, fmt::format("Only those with {}; repeatable", fmt::join(keys_, "=, ")) + "=")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
}

Result<void> Filter::check() const
{
    for (const std::string_view text : texts_) {
        const std::string_view key = text.substr(0, text.find('='));
        if (key.size() == text.size())
            return Error(Errc::invalid_argument, fmt::format("--filter: '{}' is not KEY=VALUE", text),
                         fmt::format("keys: {}", fmt::join(keys_, ", ")));
        if (std::ranges::find(keys_, key) == keys_.end())
            return Error(Errc::invalid_argument, fmt::format("--filter: no such key: {}", key),
                         did_you_mean(key, keys_, fmt::format("keys: {}", fmt::join(keys_, ", "))));
    }
    return Result<void>();
}

bool Filter::matches(std::string_view key, std::string_view value) const
{
    return std::ranges::all_of(texts_, [&](std::string_view text) {
        const std::size_t equals = text.find('=');
        return text.substr(0, equals) != key || text.substr(equals + 1) == value;
    });
}

}  // namespace sbx::cli
