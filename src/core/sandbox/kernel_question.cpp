#include "core/sandbox/kernel_question.hpp"

namespace sbx {
namespace {

constexpr bool unwanted = false;  // who asks a question waits for its answer, at most as long as he said

}  // namespace

KernelQuestion ask_variables()
{
    return {KernelAnswerType::variables, {{"type", "variables"}}};
}

KernelQuestion ask_completions(const std::string& code, std::size_t cursor)
{
    return {KernelAnswerType::completions, {{"type", "complete"}, {"code", code}, {"cursor", cursor}}};
}

KernelQuestion ask_completeness(const std::string& code)
{
    return {KernelAnswerType::completeness, {{"type", "is_complete"}, {"code", code}}};
}

std::vector<KernelVariable> variables_of(const KernelAnswer& answer)
{
    std::vector<KernelVariable> variables;
    for (const auto& each : answer.fields["variables"]) {
        KernelVariable& variable = variables.emplace_back();
        variable.name = each["name"];
        variable.type = each["type"];
        variable.value = each["repr"];
        if (each.contains("length")) variable.length = each["length"].get<std::uint64_t>();
        if (each.contains("shape")) variable.shape = each["shape"].get<std::vector<std::uint64_t>>();
        variable.truncated = each.value("truncated", false);
    }
    return variables;
}

KernelCompletions completions_of(const KernelAnswer& answer)
{
    return {answer.fields["matches"].get<std::vector<std::string>>(), answer.fields["start"].get<std::size_t>(),
            answer.fields["end"].get<std::size_t>()};
}

KernelCompleteness completeness_of(const KernelAnswer& answer)
{
    return {answer.fields["status"] == "incomplete", answer.fields["indent"].get<std::string>()};
}

asio::awaitable<Result<KernelAnswer>> ask_kernel(KernelSession& kernel, KernelQuestion question,
                                                 std::optional<std::chrono::steady_clock::time_point> until)
{
    for (;;) {
        const Result<std::unique_ptr<KernelTurn>> turn = co_await kernel.take_turn(false, until, unwanted);
        if (!turn) co_return turn.error();
        const Result<void> opened = co_await kernel.open(**turn, false);
        if (!opened) co_return opened.error();
        Result<KernelAnswer> answer = co_await kernel.question(question.request, question.answer, until);
        if (answer) co_return answer;
        const bool refused = co_await (*turn)->give_back();
        if (!refused) co_return answer;
    }
}

asio::awaitable<Result<void>> restart_kernel(KernelSession& kernel, KernelPlace place,
                                             std::optional<std::chrono::steady_clock::time_point> until)
{
    const Result<std::unique_ptr<KernelTurn>> turn = co_await kernel.take_turn(true, until, unwanted);
    if (!turn) co_return turn.error();
    kernel.start_with(std::move(place.environment), std::move(place.directory));
    co_return co_await kernel.open(**turn, true);
}

}  // namespace sbx
