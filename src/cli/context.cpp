#include "cli/context.hpp"

#include "cli/result_file.hpp"

#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace sbx::cli {

Context::Context(std::string program_name, std::FILE* out_, std::FILE* err_, Environment environment_)
    : program(std::move(program_name)), environment(std::move(environment_)), out(out_), err(err_)
{
}

void Context::print(std::string_view text)
{
    if (std::fwrite(text.data(), 1, text.size(), out) != text.size()) write_failed_ = true;
}

void Context::print_json(const nlohmann::ordered_json& value)
{
    print(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void Context::say(std::string_view line) const
{
    write_err(fmt::format("{}\n", line));
}

void Context::write_err(std::string_view text) const
{
    // There is nobody to tell of it when stderr is full or gone.
    if (std::fwrite(text.data(), 1, text.size(), err) != text.size() || std::fflush(err) != 0) std::clearerr(err);
}

void Context::report(const Error& error)
{
    report_quietly(error, runs_program ? run_exit_code(error.code) : command_exit_code(error.code));
    if (!json && !ndjson) say(error);
}

void Context::report_quietly(const Error& error, int code)
{
    exit_code = code;
    nlohmann::ordered_json object = error_json(error, exit_code);
    write_meta(object);
    if (ndjson) object["type"] = "end";
    if (json || ndjson) print_json(object);
}

void Context::write_meta(const nlohmann::ordered_json& record)
{
    if (meta.empty()) return;
    const auto written =
        write_result_file(meta, record.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    if (written) return;
    say(fmt::format("{}: --meta: {}", program, written.error().message));
    if (exit_code == 0) exit_code = run_exit_code(written.error().code);
}

void Context::say(const Error& error)
{
    say(fmt::format("{}: {}", program, error.message));
    if (!error.hint.empty()) say(fmt::format("  → {}", error.hint));
}

void Context::finish()
{
    if (std::fflush(out) == 0 && !write_failed_) return;
    if (errno == EPIPE) {
        exit_code = 128 + SIGPIPE;  // as any program whose reader has gone, and as quietly
        return;
    }
    say(fmt::format("{}: stdout: {}", program, std::strerror(errno)));
    exit_code = runs_program ? run_exit_code(Errc::internal) : command_exit_code(Errc::internal);
}

bool Context::can_ask() const
{
    return !no_input && !json && !environment("CI") && ::isatty(STDIN_FILENO) != 0 && err_is_terminal();
}

Result<bool> Context::confirm(std::string_view question)
{
    if (assume_yes) return true;
    if (!can_ask())
        return Error(Errc::invalid_argument, fmt::format("{} needs an answer and nobody can be asked", question),
                     "say --yes");
    write_err(fmt::format("{} [y/N] ", question));
    char answer[8] = {};
    return std::fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

Result<Configuration> Context::configuration(std::map<std::string, std::string> flags) const
{
    SettingSources sources = setting_sources(config_file);
    sources.flags = std::move(flags);
    return load_configuration(sources);
}

bool Context::err_is_terminal() const
{
    return ::isatty(::fileno(err)) != 0;
}

bool Context::colours() const
{
    return err_is_terminal() && !environment("NO_COLOR");
}

nlohmann::ordered_json error_json(const Error& error, int exit_code)
{
    return {{"error",
             {{"code", name_of(error.code)},
              {"message", error.message},
              {"hint", error.hint},
              {"retryable", is_retryable(error.code)}}},
            {"origin", "sbx"},
            {"exit_code", exit_code}};
}

}  // namespace sbx::cli
