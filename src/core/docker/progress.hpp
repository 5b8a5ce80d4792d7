#pragma once

#include "sbx/engine.hpp"

#include <string>
#include <string_view>

namespace sbx::docker {

/// Reads the stream of JSON objects that pull, build and import answer with. Status 200 says nothing there: failures
/// are objects of the stream. No I/O.
class ProgressReader {
   public:
    explicit ProgressReader(ProgressSink sink) : sink_(std::move(sink)) {}

    /// @error the first failure that the stream tells of, or one of the stream itself
    Result<void> feed(std::string_view bytes);
    /// To be called at the stream's end: what is left must be whole.
    Result<void> finish();

   private:
    Result<void> line(std::string_view text) const;

    ProgressSink sink_;
    std::string buffered_;
};

}  // namespace sbx::docker
