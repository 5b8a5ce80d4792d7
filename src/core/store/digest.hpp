#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sbx {

/// A SHA-256.
using Digest = std::array<unsigned char, 32>;

Digest digest_of(std::string_view bytes);

/// The digest of what comes piece by piece.
class Digester {
   public:
    Digester();
    ~Digester();
    Digester(const Digester&) = delete;
    Digester& operator=(const Digester&) = delete;

    void add(std::string_view bytes);
    /// Of all that was added; nothing may be added any more.
    Digest finish();

   private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string to_hex(const Digest& digest);
/// @return nothing unless it is 64 lower-case hexadecimal digits
std::optional<Digest> digest_from_hex(std::string_view text);

}  // namespace sbx
