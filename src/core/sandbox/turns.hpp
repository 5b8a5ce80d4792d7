#pragma once

#include "sbx/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace sbx {

/// Whose turn it is with each of a sandbox's kernels, or with whatever has a name: first come, first served. No I/O.
class Turns {
    struct Line;

   public:
    /// Somebody's place in a line, until this goes. The first one has the turn.
    class Place {
       public:
        Place(Line& line, std::uint64_t client, std::function<void()> came);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        bool has_turn() const { return line_.places.front() == this; }

       private:
        void begin();

        Line& line_;
        std::uint64_t client_;
        std::function<void()> came_;
    };

    /// A number that tells one of those who take turns from all others.
    std::uint64_t new_client() { return ++last_client_; }

    /// Takes a place at the end of the line, which may be its beginning.
    /// @param came  called when the turn comes, unless it is there at once; asks for none and gives none up
    /// @error invalid_argument    that is no name
    /// @error resource_exhausted  there are too many names
    Result<std::unique_ptr<Place>> ask(const std::string& name, std::uint64_t client, std::function<void()> came);

    /// A turn at once for whoever had the last one.
    /// @return nullptr: somebody else has it, waits for it, or has had it since
    std::unique_ptr<Place> go_on(const std::string& name, std::uint64_t client);

   private:
    struct Line {
        std::deque<Place*> places;
        std::uint64_t last = 0;  ///< who has or had the turn
    };

    bool make_room();

    std::map<std::string, Line> lines_;
    std::uint64_t last_client_ = 0;
};

}  // namespace sbx
