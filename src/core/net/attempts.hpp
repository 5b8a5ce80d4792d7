#pragma once

#include "sbx/egress.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sbx {

/// Keeps what programs tried to reach, and with what success. Whatever they try, it stays small: beyond
/// `most_places` all the rest is counted together, as host `*`.
class Attempts {
   public:
    static constexpr std::size_t most_places = 128;

    Attempts() = default;
    explicit Attempts(std::vector<NetworkAttempt> earlier) : all_(std::move(earlier)) {}

    /// Counts one.
    /// @param host  a program's word: what is not printable is escaped, what is too long cut
    /// @return its place among `all`, which stays
    std::size_t add(std::string_view host, std::uint16_t port, Verdict verdict, std::string reason = {});

    /// To count its bytes, say.
    NetworkAttempt& change(std::size_t place)
    {
        ++version_;
        return all_.at(place);
    }

    const std::vector<NetworkAttempt>& all() const { return all_; }
    /// Grows with every change.
    std::uint64_t version() const { return version_; }

   private:
    std::vector<NetworkAttempt> all_;
    std::uint64_t version_ = 0;
};

/// Those of `now` that `before`, an earlier state of the same, did not know yet.
std::vector<NetworkAttempt> attempts_since(const std::vector<NetworkAttempt>& before,
                                           const std::vector<NetworkAttempt>& now);

}  // namespace sbx
