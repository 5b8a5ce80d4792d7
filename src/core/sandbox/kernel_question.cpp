#include "core/sandbox/kernel_question.hpp"

#include "core/sandbox/kernel_turn.hpp"

namespace sbx {
namespace {

Error busy()
{
    return Error(Errc::deadline_exceeded, "the kernel is busy with another execution");
}

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

asio::awaitable<Result<KernelAnswer>> ask_kernel(AgentLink& link, KernelPlace place, std::filesystem::path lock,
                                                 KernelQuestion question,
                                                 std::optional<std::chrono::steady_clock::time_point> until)
{
    const std::optional<FileLock> turn = co_await take_kernel_turn(std::move(lock), until);
    if (!turn) co_return busy();
    KernelSession kernel(link, std::move(place));
    Result<KernelAnswer> answer = KernelAnswer{};
    if (const Result<void> opened = co_await kernel.open(false); !opened)
        answer = opened.error();
    else
        answer = co_await kernel.question(std::move(question.request), question.answer, until);
    co_await kernel.close();
    co_return answer;
}

asio::awaitable<Result<void>> restart_kernel(AgentLink& link, KernelPlace place, std::filesystem::path lock,
                                             std::optional<std::chrono::steady_clock::time_point> until)
{
    const std::optional<FileLock> turn = co_await take_kernel_turn(std::move(lock), until);
    if (!turn) co_return busy();
    KernelSession kernel(link, std::move(place));
    const Result<void> opened = co_await kernel.open(true);
    co_await kernel.close();
    co_return opened;
}

}  // namespace sbx
