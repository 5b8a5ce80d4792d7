#pragma once

#include "core/libraries/library_store.hpp"
#include "sbx/engine.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace sbx {

/// Removes a set with its volume.
/// @return whether it is gone: false where a sandbox uses it
/// @error what Engine::remove_volume gives
boost::asio::awaitable<Result<bool>> remove_set(Engine& engine, LibraryStore store, LibrarySet set);

/// Removes sets until the others have no more than `most_bytes` together: those first that nobody used for longest, and
/// none that a sandbox uses, or that a run found a moment ago.
boost::asio::awaitable<void> make_room(Engine& engine, LibraryStore store, std::uint64_t most_bytes);

}  // namespace sbx
