#pragma once

#include "core/store/migrations.hpp"
#include "core/store/store_file.hpp"

#include "catch.hpp"
#include "temp_directory.hpp"

#include <utility>

namespace test {

/// A new store in a directory of its own.
struct ScratchStore {
    TempDirectory directory;
    std::filesystem::path path = sbx::store_path(directory.path());
    sbx::Database database = open(0);

    /// A further connection.
    sbx::Database open(std::uint64_t most_bytes) const
    {
        auto file = sbx::open_store_file(path, sbx::Unsound::refuse, most_bytes);
        REQUIRE(file);
        return std::move(file->database);
    }
};

}  // namespace test
