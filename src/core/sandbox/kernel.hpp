#pragma once

#include "core/sandbox/agent_link.hpp"
#include "core/sandbox/kernel_answer.hpp"
#include "core/sandbox/kernel_turn.hpp"
#include "core/sandbox/program_io.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// Which kernel of a sandbox: there is one for each language and context.
struct KernelPlace {
    std::string_view language;             ///< as the table of languages has it
    std::string context = "default";       ///< like the name of a sandbox
    std::vector<std::string> command;      ///< starts it, and by it the kernel is found again
    std::vector<std::string> environment;  ///< NAME=VALUE, where it has to be started
    std::string directory = "/work";       ///< likewise
};

/// Takes what one execution says, in the order in which it was said.
class KernelReader {
   public:
    virtual ~KernelReader() = default;
    virtual asio::awaitable<void> on_output(OutputStream stream, std::span<const char> bytes) = 0;
    virtual asio::awaitable<void> on_answer(const KernelAnswer& answer) = 0;
};

/// What code finds on its stdin; without either the end of input.
struct CellInput {
    std::optional<std::string> text;
    bool asks = false;  ///< the answer `input` asks for a line, which KernelSession::give_input gives
};

/// How a request to a kernel ended. With neither it has not ended yet.
struct KernelEnd {
    std::optional<KernelAnswer> done;
    std::optional<wire::Exit> exit;  ///< the kernel itself has ended
    std::string violation;           ///< then also why it had to be ended
};

/// The conversation with one kernel, a detached process of the agent (docs/kernels.md), for one execution or for many.
/// All but taking a turn and letting go is for those whose turn it is. The kernel lives on when this ends.
class KernelSession : private StreamSink {
   public:
    /// @param link  to a keeper; served as long as anything here is awaited; outlives this
    KernelSession(AgentLink& link, KernelPlace place);
    /// For those in the keeper's process who speak to the agent itself.
    /// @param turns  the keeper's; outlive this
    KernelSession(AgentLink& link, KernelPlace place, Turns& turns);
    ~KernelSession() override;
    KernelSession(const KernelSession&) = delete;
    KernelSession& operator=(const KernelSession&) = delete;

    AgentLink& link() { return link_; }
    /// Where the kernel has to be started, from now on.
    void start_with(std::vector<std::string> environment, std::string directory);

    /// Waits until nobody else talks to the kernel. Whoever seems to have been the last one to talk to it does not wait
    /// but presumes that he may go on: then what he asks can end with an error and the turn be refused, and nothing of
    /// it has reached the kernel: to be asked anew, in another turn.
    /// @param restart   as `open` is told
    /// @param unwanted  as `KernelTurn::come` is told
    /// @error what KernelTurn::come gives
    asio::awaitable<Result<std::unique_ptr<KernelTurn>>> take_turn(
        bool restart, std::optional<std::chrono::steady_clock::time_point> until, const bool& unwanted);

    /// Finds the kernel or starts it, and ends what an earlier caller left in it. What that one's execution still says
    /// is dropped. Where nobody else came to it since this session's last execution ended, nothing needs to be asked.
    /// @param turn     what take_turn gave
    /// @param restart  end the one that is there first
    /// @error not_found    the image has no such interpreter
    /// @error unavailable  the kernel does not start, or the link ended
    asio::awaitable<Result<void>> open(const KernelTurn& turn, bool restart);
    /// Which of the sandbox's processes it was opened as: another one than before has none of the old one's variables.
    std::uint64_t process() const { return process_; }
    /// What a person should know of how it was opened, or nothing.
    const std::string& notice() const { return notice_; }

    /// Runs code.
    /// @error unavailable  the link ended first
    asio::awaitable<Result<KernelEnd>> execute(std::string code, CellInput input, KernelReader& reader);
    /// What was typed for the code that runs.
    /// @param text  a line with its end; empty at the end of input
    void give_input(const std::string& text);

    /// Asks what needs no execution.
    /// @param request  without its id
    /// @param answer   the type of what answers it
    /// @error deadline_exceeded  nothing by `until`: code of the sandbox's, a `__repr__`, takes too long
    /// @error unavailable        the kernel or the link ended first
    asio::awaitable<Result<KernelAnswer>> question(nlohmann::json request, KernelAnswerType answer,
                                                   std::optional<std::chrono::steady_clock::time_point> until);

    /// Lets go of the kernel, which lives on. Without it the keeper takes the caller for lost, and interrupts the code.
    asio::awaitable<void> close();

    /// SIGINT to the code that runs; its variables survive.
    void interrupt();
    /// Ends the kernel.
    void kill();
    /// Waits no longer for what runs.
    void give_up();
    bool gave_up() const { return gave_up_; }

   private:
    using Clock = std::chrono::steady_clock;
    enum class Found { idle, ended };

    bool is_ours() const;
    asio::awaitable<Result<std::optional<std::uint64_t>>> find() const;
    asio::awaitable<Result<std::uint64_t>> start() const;
    asio::awaitable<Result<void>> attach(std::uint64_t process);
    asio::awaitable<Result<Found>> settle(bool fresh);
    asio::awaitable<Result<Found>> synchronise(Clock::time_point impatient);
    asio::awaitable<Result<void>> end_process();
    asio::awaitable<Result<KernelEnd>> converse(std::string id, KernelReader* reader,
                                                std::optional<Clock::time_point> until);
    asio::awaitable<Result<KernelEnd>> hear(std::string id, KernelReader* reader,
                                            std::optional<Clock::time_point> until);
    asio::awaitable<std::optional<KernelEnd>> take_piece(const std::string& id, KernelReader* reader);
    asio::awaitable<std::optional<KernelEnd>> take_lines(const std::string& id, KernelReader* reader);
    void ask(nlohmann::json request, const std::string& id);
    void push();
    void drop_pending();
    void leave();
    Error start_failure() const;

    void on_data(std::uint8_t channel, std::span<const char> bytes) override;
    void on_attached(const wire::Attached& attached) override;

    AgentLink& link_;
    KernelPlace place_;
    Turns* turns_ = nullptr;
    std::uint64_t taker_ = 0;  ///< among those who take these
    std::uint64_t process_ = 0;
    wire::StreamId stream_ = 0;
    bool attached_ = false;
    bool settled_ = false;  ///< nothing that was asked is still to be answered
    bool gave_up_ = false;
    bool interrupted_ = false;                                  ///< since the last settling
    std::deque<std::pair<std::uint8_t, std::string>> pending_;  ///< in order; the wire's windows bound it
    KernelLines lines_;
    std::string execution_;   ///< the last one's id
    std::string outgoing_;    ///< requests, as far as the window did not take them
    std::string last_words_;  ///< what the kernel wrote to stderr before it was ready
    std::string violation_;
    std::string notice_;
};

}  // namespace sbx
