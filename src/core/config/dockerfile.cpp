#include "core/config/dockerfile.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/trim.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string>

namespace sbx {
namespace {

using boost::algorithm::to_upper_copy;
using boost::algorithm::trim_copy;

struct Refused {
    std::string_view instruction;
    std::string_view why;
    std::string_view hint;
};

constexpr std::array refused{
    Refused{"USER", "programs of a sandbox run as uid 1000",
            "take the line out; files they need must be readable by all"},
    Refused{"ENTRYPOINT", "a sandbox starts its own first process",
            "take the line out, and name the command: sbx run -- CMD"},
    Refused{"VOLUME", "a volume would be writable without a limit", "take the line out; /work and /tmp are writable"},
};

/// The lines of a Dockerfile as instructions: comments and the texts of here-documents are none.
class Instructions {
   public:
    explicit Instructions(std::string_view text) : lines_(std::string(text)) {}

    /// The next one's first word, in capitals, or nothing at the end.
    std::optional<std::string> next()
    {
        std::string line;
        while (take(line)) {
            if (line.empty() || line.front() == '#') continue;
            begin_ = number_;
            std::string whole = line;
            while (line.ends_with('\\') && take(line)) whole += line;
            skip_documents(whole);
            return to_upper_copy(whole.substr(0, whole.find_first_of(" \t\\")));
        }
        return std::nullopt;
    }

    std::size_t line() const { return begin_; }

   private:
    bool take(std::string& line)
    {
        if (!std::getline(lines_, line)) return false;
        ++number_;
        line = trim_copy(line);
        return true;
    }

    /// `RUN <<EOF` takes all lines to one that is `EOF`.
    void skip_documents(std::string_view instruction)
    {
        const std::size_t at = instruction.find("<<");
        if (at == std::string_view::npos) return;
        std::string_view word = instruction.substr(at + 2);
        word.remove_prefix(std::min(word.find_first_not_of("-\"'"), word.size()));
        word = word.substr(0, word.find_first_of("\"' \t"));
        std::string line;
        while (!word.empty() && take(line) && line != word) continue;
    }

    std::istringstream lines_;
    std::size_t number_ = 0;
    std::size_t begin_ = 0;
};

}  // namespace

bool is_dockerfile(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    return name == "Dockerfile" || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile");
}

Result<void> check_dockerfile(std::string_view text, std::string_view name)
{
    Result<void> verdict;
    Instructions instructions(text);
    while (const std::optional<std::string> instruction = instructions.next()) {
        if (*instruction == "FROM") verdict = Result<void>();  // only the last stage becomes the image
        const auto* found = std::ranges::find(refused, *instruction, &Refused::instruction);
        if (found != refused.end() && verdict)
            verdict = Error(
                Errc::invalid_argument,
                fmt::format("{}:{}: {} has no effect here: {}", name, instructions.line(), *instruction, found->why),
                std::string(found->hint));
    }
    return verdict;
}

}  // namespace sbx
