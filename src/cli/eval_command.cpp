#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/eval_variables.hpp"
#include "cli/kernel_files.hpp"
#include "cli/program_command.hpp"
#include "cli/run_options.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/identity.hpp"
#include "core/sandbox/kernel_place.hpp"
#include "core/sandbox/kernel_results.hpp"
#include "core/sandbox/kernel_run.hpp"
#include "sbx/utf8.hpp"

#include <nlohmann/json.hpp>

namespace sbx::cli {
namespace {

constexpr std::size_t most_code_bytes = std::size_t{16} << 20;
constexpr std::size_t most_input_bytes = std::size_t{16} << 20;

struct Options {
    RunOptions run;
    std::string context = "default";
    bool restart = false;
    bool variables = false;
};

/// One `sbx eval`: code in a kernel of a sandbox that lives on.
class EvalCommand : public ProgramCommand, private AnswerSink {
   public:
    EvalCommand(Context& context, const Options& options) : ProgramCommand(context, options.run), asked_(options) {}

   private:
    Result<void> prepare() override;
    asio::awaitable<Result<RunResult>> execute() override;
    void complete(nlohmann::ordered_json& record) const override { results_.complete(record); }
    asio::awaitable<Result<void>> show(const KernelAnswer& answer) override;

    const Options& asked_;
    std::optional<SandboxRecord> sandbox_;
    std::optional<SandboxStore> store_;
    std::unique_ptr<Channel> keeper_;
    KernelOrder order_;
    std::unique_ptr<KernelRun> run_;
    KernelResults results_;
    std::vector<std::string> warnings_;
};

Error no_text(const std::string& what)
{
    return {Errc::invalid_argument, fmt::format("{} is not UTF-8 text", what), "sbx cp takes files of any kind"};
}

/// The words after the flags, but for the sandbox.
Result<SourceWords> read_words(const Context& context, const Options& options)
{
    const std::string usage = fmt::format("{} eval SANDBOX -c CODE", context.program);
    if (context.operands.empty() || context.operands.front().empty())
        return Error(Errc::invalid_argument, "no sandbox was named", usage);
    SourceWords words = options.run.source;
    words.operands.assign(context.operands.begin() + 1, context.operands.end());
    if (words.operands.empty() && !words.code)
        return Error(Errc::invalid_argument, "there is no code: name a FILE, - or -c CODE", usage);
    if (words.operands.size() > (words.code ? 0 : 1))
        return Error(Errc::invalid_argument, "code in a kernel takes no arguments", usage);
    const bool code_is_stdin = !words.code && words.operands.front() == "-";
    if (options.run.interactive && code_is_stdin) return Error(Errc::invalid_argument, "-i: stdin is the code", usage);
    return words;
}

/// The code in its language, and what it finds on stdin.
Result<KernelOrder> read_order(const Context& context, const Options& options)
{
    const Result<SourceWords> words = read_words(context, options);
    if (!words) return words.error();
    Result<CodeText> code = read_code(*words, context.program + " eval SANDBOX");
    if (!code) return code.error();
    Result<KernelPlace> place = kernel_place(*code->language, options.context);
    if (!place) return place.error();
    if (!is_utf8(code->text)) return no_text("the code");
    if (code->text.size() > most_code_bytes) return Error(Errc::too_large, "the code is more than 16 MiB");
    KernelOrder order;
    order.place = std::move(*place);
    order.code = std::move(code->text);
    order.restart = options.restart;
    if (!options.run.interactive) return order;
    Result<std::string> input = read_stdin();
    if (!input) return input.error();
    if (input->size() > most_input_bytes)
        return Error(Errc::too_large, "stdin is more than 16 MiB", "sbx cp takes files of any size");
    if (!is_utf8(*input)) return no_text("stdin");
    order.input.text = std::move(*input);
    return order;
}

Result<void> EvalCommand::prepare()
{
    const auto settings = read_settings();
    if (!settings) return settings.error();
    const Result<SourceWords> words = read_words(context_, asked_);
    if (!words) return words.error();
    store_.emplace(sandbox_store(context_));
    Result<SandboxRecord> sandbox = find_living(*store_, context_.operands.front());
    if (!sandbox) return sandbox.error();
    auto request = build_session_request(options_, *settings, Source(), *sandbox);
    if (!request) return request.error();
    Result<KernelOrder> order = read_order(context_, asked_);
    if (!order) return order.error();
    sandbox_ = std::move(*sandbox);
    request_ = std::move(*request);
    order_ = std::move(*order);
    for (const auto& [name, value] : request_.environment)
        order_.place.environment.push_back(fmt::format("{}={}", name, value));
    order_.place.directory = request_.directory;
    request_.execution_id = new_execution_id();
    request_.kept_output_bytes = wants_record() ? kept_output_bytes : 0;
    Result<std::unique_ptr<Channel>> keeper = open_keeper(io_.get_executor(), context_, *store_, *sandbox_);
    if (!keeper) return keeper.error();
    keeper_ = std::move(*keeper);
    streams_ = make_streams();
    return {};
}

asio::awaitable<Result<RunResult>> EvalCommand::execute()
{
    AnswerSink& answers = *this;
    const KernelPlace place = order_.place;
    run_ = std::make_unique<KernelRun>(*streams_, answers, *store_, *sandbox_, request_, std::move(order_));
    program_ = run_.get();
    std::function<asio::awaitable<Result<RunResult>>(AgentLink&)> work =
        [&](AgentLink& link) -> asio::awaitable<Result<RunResult>> {
        KernelSession kernel(link, place);
        Result<RunResult> result = co_await run_->execute(kernel);
        co_await kernel.close();
        co_return result;
    };
    Result<RunResult> result = co_await sbx::talk_to_keeper<RunResult>(std::move(keeper_), *sandbox_, std::move(work));
    if (result) result->warnings.insert(result->warnings.end(), warnings_.begin(), warnings_.end());
    co_return result;
}

asio::awaitable<Result<void>> EvalCommand::show(const KernelAnswer& answer)
{
    if (wants_record()) results_.add(answer);
    if (request_.artifacts && answer.fields.contains("data")) {
        const Result<SavedValues> saved = save_values(answer.fields["data"], *request_.artifacts);
        if (!saved) co_return saved.error();
        warnings_.insert(warnings_.end(), saved->warnings.begin(), saved->warnings.end());
    }
    if (events_ != nullptr) {
        const nlohmann::ordered_json event = event_of(answer);
        co_return co_await events_->tell(event);
    }
    std::string value;
    if (answer.fields.contains("data")) value = text_of(answer);
    co_return co_await show_answer(*streams_, answer, std::move(value));
}

}  // namespace

void build_eval_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    // For help and manual: the operands never reach CLI11, they are in the context.
    command.add_option("SANDBOX")->description("Id, name, or beginning of an id");
    command.add_option("FILE|-")->description("The code; - reads it from stdin");
    command.add_option("--context", options->context, "Kernel of its own by that name (default: default)")
        ->type_name("NAME")
        ->group("Source");
    command.add_flag("--restart", options->restart, "End the kernel first: its variables are lost")->group("Source");
    command
        .add_flag("--variables", options->variables, "Run nothing: show the kernel's variables, their types and values")
        ->excludes("--restart")
        ->group("Result");
    add_eval_options(command, options->run, context);
    set_examples(command, context,
                 {{"eval build -c 'x = 6 * 7'", "variables stay"},
                  {"eval build -c x", "the value of the last expression is printed"},
                  {"eval build --lang bash -c 'cd /tmp; pwd'", "a shell that keeps its state"},
                  {"eval build --artifacts plots plot.py", "pictures as files"},
                  {"eval --json build -c x | jq .results", "results by their types"},
                  {"eval --variables build", "what there is, with types"}});
    command.callback([options, &context] {
        options->variables ? show_variables(context, options->run, options->context)
                           : EvalCommand(context, *options).run();
    });
}

}  // namespace sbx::cli
