#pragma once

#include "core/batch/verdict.hpp"
#include "core/descriptor.hpp"
#include "sbx/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace sbx::batch {

/// Text as XML holds it: what no XML may hold is replaced, bytes that are not UTF-8 too.
std::string xml_text(std::string_view bytes);

/// A report as CI systems read it, one suite with a case for each job. It grows aside, and takes its place whole.
class Junit {
   public:
    /// @param name  of the suite
    /// @error conflict, permission_denied  the report cannot be written there
    static Result<Junit> open(const std::filesystem::path& path, std::string_view name);
    ~Junit();
    Junit(Junit&& other) noexcept = default;
    Junit& operator=(Junit&&) = delete;

    Result<void> add(const Outcome& outcome);
    /// @param time  that the whole batch took
    Result<void> finish(std::chrono::duration<double> time);

   private:
    Junit(std::filesystem::path path, std::filesystem::path aside, Descriptor file, std::string_view name);
    Result<void> write(std::string_view text);
    Error failure() const;

    std::filesystem::path path_;
    std::filesystem::path aside_;
    Descriptor file_;
    std::string name_;
    std::uint64_t cases_ = 0;
    std::uint64_t failures_ = 0;
    std::uint64_t errors_ = 0;
};

}  // namespace sbx::batch
