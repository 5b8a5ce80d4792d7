#pragma once

#include "core/sandbox/kernel_answer.hpp"
#include "core/sandbox/program_io.hpp"

#include <cstddef>
#include <string>

namespace sbx {

/// What one execution showed, for its record: as a notebook has it after updates and clearing.
class KernelResults {
   public:
    void add(const KernelAnswer& answer);
    /// Fills in `results`, `error` where the code failed, and `truncated` where too much was shown.
    void complete(nlohmann::ordered_json& record) const;

   private:
    void replace(const nlohmann::ordered_json& fields);
    void clear();

    nlohmann::ordered_json shown_ = nlohmann::ordered_json::array();
    nlohmann::ordered_json error_;
    std::size_t bytes_ = 0;
    bool clear_next_ = false;
    bool truncated_ = false;
};

/// The answer as an event of --ndjson, or as an entry of the record's `results`.
nlohmann::ordered_json event_of(const KernelAnswer& answer);

/// What a terminal shows of a result or a display: its text, or else which types it has.
std::string text_of(const KernelAnswer& answer);

/// Writes it as a prompt would: values on stdout, tracebacks on stderr, each with the end of its line.
/// @param value  what is shown where it is no error; may be empty
boost::asio::awaitable<Result<void>> show_answer(ProgramIo& streams, const KernelAnswer& answer, std::string value);

}  // namespace sbx
