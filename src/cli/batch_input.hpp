#pragma once

#include "core/batch/lines.hpp"
#include "core/descriptor.hpp"
#include "core/sandbox/program_io.hpp"

#include <optional>
#include <string>

namespace sbx::cli {

/// The lines of a batch: of a regular file, which can be looked through before anything runs, or of stdin and whatever
/// else has to be taken as it comes.
class BatchInput {
   public:
    BatchInput();

    /// @param path  `-` is stdin; a pipe takes stdin's place
    /// @error not_found, permission_denied
    Result<void> open(const std::string& path);

    bool is_file() const { return static_cast<bool>(file_); }
    /// Whether this host's file `path` is what is read.
    bool is_same_file(const std::string& path) const;

    /// The next line that is not blank, of a file.
    /// @error unavailable  it cannot be read
    Result<std::optional<batch::Line>> next();
    /// The same of whatever it is.
    boost::asio::awaitable<Result<std::optional<batch::Line>>> next(ProgramIo& standard);
    /// Begins anew, with a file.
    void rewind();

   private:
    std::optional<batch::Line> cut();

    Descriptor file_;  ///< none: stdin is read
    batch::LineCutter lines_;
    std::string buffer_;
    bool ended_ = false;
};

}  // namespace sbx::cli
