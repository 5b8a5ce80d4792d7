#pragma once

#include "daemon/api/route.hpp"
#include "daemon/idempotency/idempotent_answers.hpp"

namespace sbx::daemon {

/// Lets a route take an Idempotency-Key: the same request of the same caller is then served once, and later ones get
/// its answer. With a key the client may go away: what was begun comes to its end, for whoever asks again.
/// @param answers  outlives the route
void make_idempotent(Route& route, IdempotentAnswers& answers);

}  // namespace sbx::daemon
