#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/find_image.hpp"
#include "cli/missing_library.hpp"
#include "cli/next_step.hpp"
#include "cli/open_engine.hpp"
#include "cli/program_command.hpp"
#include "cli/progress.hpp"
#include "cli/remote.hpp"
#include "cli/remote_order.hpp"
#include "cli/template_flag.hpp"
#include "core/config/image_preference.hpp"
#include "core/remote/remote_run.hpp"
#include "core/sandbox/identity.hpp"
#include "core/sandbox/sweep.hpp"
#include "core/with_timeout.hpp"

#include <boost/asio.hpp>

#include <unistd.h>

namespace sbx::cli {
namespace {

/// One `sbx run`: from the words to the exit code.
class RunCommand : public ProgramCommand {
   public:
    using ProgramCommand::ProgramCommand;

   private:
    Result<void> prepare() override;
    Result<void> open();
    Result<void> open_here();
    Result<void> open_daemon(const std::string& host);
    asio::awaitable<Result<RunResult>> execute() override;
    asio::awaitable<Result<RunResult>> execute_there();
    std::optional<std::string> advice(const RunResult& result) const override;
    std::string timing_details() const override;

    Settings settings_;
    const Language* language_ = nullptr;
    LibraryRequest libraries_;
    OpenEngine open_;
    std::optional<StandbyStore> standbys_;
    nlohmann::json order_;  ///< of the daemon that gives the sandbox
    std::unique_ptr<DaemonClient> daemon_;
    std::unique_ptr<OneOffRun> run_;
    std::chrono::steady_clock::time_point image_ready_;
};

Result<void> RunCommand::prepare()
{
    auto settings = read_settings();
    if (!settings) return settings.error();
    settings_ = std::move(*settings);
    SourceWords words = options_.source;
    words.work_directory = options_.work_directory;
    words.operands = context_.operands;
    words.is_command = context_.operands_after_separator;
    auto source = find_source(words, context_.program + " run");
    if (!source) return source.error();
    language_ = source->language;
    code_is_stdin_ = source->code_is_stdin;
    auto libraries = find_libraries(options_.libraries, *source);
    if (!libraries) return libraries.error();
    libraries_ = std::move(*libraries);
    auto request = build_request(options_, settings_, *source);
    if (!request) return request.error();
    request_ = std::move(*request);
    if (!source->is_in_project) add_project_files(request_, libraries_, source->project);
    identify(request_, cli_instance, *language_, options_.preload);
    request_.list_files = wants_record();
    request_.kept_output_bytes = wants_record() ? kept_output_bytes : 0;
    if (const auto reachable = open(); !reachable) return reachable;
    give_terminal();
    streams_ = make_streams();
    return {};
}

/// The daemon that was named, else the user's own where it can do it, else the engine.
Result<void> RunCommand::open()
{
    if (const auto named = daemon_host(context_)) return open_daemon(*named);
    const auto nearby = nearby_daemon(context_, settings_);
    const bool needs_image = !libraries_.python.empty();  // which is looked at from here
    if (!nearby || needs_image || !open_daemon(*nearby)) return open_here();
    order_["patient"] = false;
    (void)open_here();  // for when it is busy
    return {};
}

Result<void> RunCommand::open_here()
{
    auto open = open_engine(io_.get_executor(), context_, settings_, options_.debug);
    if (!open) return open.error();
    open_ = std::move(*open);
    return {};
}

Result<void> RunCommand::open_daemon(const std::string& host)
{
    auto address = daemon_address(context_, host);
    if (!address) return address.error();
    auto order = remote_run_order(options_, *language_, libraries_, request_);
    if (!order) return order.error();
    order_ = std::move(*order);
    daemon_ = std::make_unique<DaemonClient>(io_.get_executor(), std::move(*address));
    return {};
}

asio::awaitable<Result<RunResult>> RunCommand::execute_there()
{
    take_terminal();
    run_ = std::make_unique<RemoteRun>(io_.get_executor(), *daemon_, *streams_, request_, order_);
    program_ = run_.get();
    Result<RunResult> result = co_await run_->execute();
    if (!result) co_return result;
    request_.image_name = result->execution.image;
    request_.image.id = result->execution.image_digest;
    co_return result;
}

asio::awaitable<Result<RunResult>> RunCommand::execute()
{
    image_ready_ = std::chrono::steady_clock::now();
    if (daemon_) {
        Result<RunResult> result = co_await execute_there();
        const bool is_busy = !result && result.error().code == Errc::resource_exhausted;
        if (!is_busy || !open_.engine) co_return result;
    }
    ImageWish wish{image_preference(*language_, settings_), options_.dockerfile, settings_.pull_timeout};
    if (options_.image) wish.preference.configured = *options_.image;
    ProgressLine progress(context_, options_.quiet);
    Result<ChosenImage> image = co_await find_image(open_, *language_, std::move(wish), progress.sink());
    if (!image) co_return image.error();
    request_.image = image->info;
    request_.image_name = image->reference;
    const Directories own = directories(context_.environment, ::getuid());
    InstallPolicy policy = install_policy(settings_, options_.libraries, context_.environment);
    const auto libraries = co_await get_libraries(open_, libraries_, std::move(policy), *image, own, progress.sink());
    progress.clear();
    if (!libraries) co_return libraries.error();
    if (*libraries) use_libraries(request_, libraries_, **libraries);
    image_ready_ = std::chrono::steady_clock::now();

    if (!daemon_) take_terminal();
    standbys_.emplace(own.state);
    run_ = std::make_unique<Run>(io_.get_executor(), *open_.engine, *streams_, request_, open_.endpoint, *standbys_,
                                 own.cache);
    program_ = run_.get();
    asio::co_spawn(io_, sweep_now_and_then(*open_.engine, own.cache), asio::detached);
    co_return co_await run_->execute();
}

std::optional<std::string> RunCommand::advice(const RunResult& result) const
{
    const std::filesystem::path script = context_.operands.empty() ? "" : context_.operands.front();
    if (auto step = next_step(result.last_words, script.parent_path())) return step;
    if (const auto library = missing_library(result.last_words, *language_))
        return fmt::format("{} is not there: try --with {}", *library, *library);
    if (request_.network == Network::full) return std::nullopt;
    return next_step(result.last_words, result.execution.network, "--allow");
}

std::string RunCommand::timing_details() const
{
    const auto ms = [](auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); };
    return fmt::format("image {:.1f}, sandbox and program {:.1f} ", ms(image_ready_ - begin_),
                       ms(std::chrono::steady_clock::now() - image_ready_));
}

}  // namespace

void run_once(Context& context, const RunOptions& options)
{
    RunCommand(context, options).run();
}

void build_run_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<RunOptions>();
    add_run_options(command, *options, context);
    command.positionals_at_end();
    set_examples(command, context,
                 {{"run hello.py", "a script; all after its name belongs to it"},
                  {"run -c 'print(1)'", "code from the command line, Python unless --lang says else"},
                  {"run --timeout 10s --memory 1g main.cpp", "compiled, then run, within limits"},
                  {"run --entry main.py project/", "a directory and the file of it that starts"},
                  {"run --allow example.org:443 fetch.py", "it may connect to that host, and to nothing else"},
                  {"run --template python-data plot.py", "with NumPy, pandas, Matplotlib and more"},
                  {"run --lang bash -- sort -r < names", "a command of an image"},
                  {"run --json x.py | jq .exit_code", "the whole result as one object"}});
    command.callback([options, &context] {
        const Result<void> applied = apply_template(*options, context);
        applied ? run_once(context, *options) : context.report(applied.error());
    });
}

}  // namespace sbx::cli
