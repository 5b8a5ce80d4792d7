#pragma once

#include "sbx/result.hpp"

#include <boost/describe/enum.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sbx {

enum class KernelAnswerType {
    result,
    display,
    display_update,
    clear,
    error,
    input,
    variables,
    completions,
    completeness,
    done
};
BOOST_DESCRIBE_ENUM(KernelAnswerType, result, display, display_update, clear, error, input, variables, completions,
                    completeness, done)

enum class KernelStatus { ok, error, interrupted };
BOOST_DESCRIBE_ENUM(KernelStatus, ok, error, interrupted)

/// One line of a kernel's channel 4 (docs/kernels.md). Whatever code runs in the kernel can have written it: its form
/// is checked, its content is hostile.
struct KernelAnswer {
    KernelAnswerType type = KernelAnswerType::done;
    std::string id;                          ///< of the request; empty where none could be read
    nlohmann::ordered_json fields;           ///< what else belongs to its type, nothing more
    KernelStatus status = KernelStatus::ok;  ///< of `done`
    std::optional<int> exit_code;            ///< of `done`: bash's, and where the code has called `exit`
    std::string message;                     ///< then also what a script would say on its stderr
    std::size_t bytes = 0;                   ///< how long the line was
};

/// @error invalid_argument  what is wrong with the line
Result<KernelAnswer> parse_kernel_answer(std::string_view line);

/// Cuts what comes on the channel into lines.
class KernelLines {
   public:
    void feed(std::span<const char> bytes) { unread_.append(bytes.data(), bytes.size()); }
    /// The next whole line, without its end.
    std::optional<std::string> next();
    /// Whether the line that has begun is longer than any may be.
    bool is_overlong() const;

   private:
    std::string unread_;
    std::size_t begin_ = 0;     ///< of the line that has begun
    std::size_t searched_ = 0;  ///< no end before here
};

}  // namespace sbx
