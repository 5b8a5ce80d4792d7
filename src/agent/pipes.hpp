#pragma once

#include "core/descriptor.hpp"

#include <sys/types.h>

namespace sbx::agent {

void make_nonblocking(int fd);
/// The wider a pipe, the seldomer its two ends have to wake each other.
void widen_pipe(int fd);

/// A pipe that belongs to the user: else opening /dev/stdout inside is refused.
bool open_pipe(Descriptor& read_end, Descriptor& write_end, uid_t owner);

}  // namespace sbx::agent
