#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace sbx {

/// Memory to read into. A large one costs only what was ever read: its pages are not touched before.
class ReadBuffer {
   public:
    explicit ReadBuffer(std::size_t size) : bytes_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}

    std::span<char> all() { return {bytes_.get(), size_}; }
    /// @param size  at most as much as was read
    std::span<const char> first(std::size_t size) const { return {bytes_.get(), size}; }

   private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

}  // namespace sbx
