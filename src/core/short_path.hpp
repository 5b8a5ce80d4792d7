#pragma once

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

namespace sbx {

/// A short way to a file, as a Unix socket's address has room for 107 bytes: `/proc/self/fd/7/keeper.sock`. Valid as
/// long as this lives.
class ShortPath {
   public:
    explicit ShortPath(const std::filesystem::path& path)
        : directory_(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          text_(fmt::format("/proc/self/fd/{}/{}", directory_.get(), path.filename().native()))
    {
    }

    const std::string& text() const { return text_; }

   private:
    Descriptor directory_;
    std::string text_;
};

}  // namespace sbx
