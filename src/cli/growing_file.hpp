#pragma once

#include "core/descriptor.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace sbx::cli {

/// A file that somebody else writes on. One that takes its place is read from its beginning.
class GrowingFile {
   public:
    /// @return nothing where it cannot be read
    static std::optional<GrowingFile> open(std::filesystem::path path);

    /// What was not read yet, as far as it is written; empty where that is nothing.
    std::string read();

   private:
    GrowingFile(std::filesystem::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

    std::filesystem::path path_;
    Descriptor file_;
};

}  // namespace sbx::cli
