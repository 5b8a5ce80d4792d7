#pragma once

#include "core/wire/frame.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Connections into the sandbox and out of it. Conventions: messages.hpp.
namespace sbx::wire {

struct Connect {
    StreamId after = 0;
    std::uint32_t port = 0;  ///< on 127.0.0.1
    std::uint32_t window = 1U << 20;

    bool operator==(const Connect&) const = default;
};

/// The agent's request for a connection to the outside; on a stream of its own, with an even number.
struct Proxy {
    std::string host;  ///< a name; hostile
    std::uint32_t port = 0;

    bool operator==(const Proxy&) const = default;
};

/// A name that has an address of its own inside, where the agent takes connections to these ports.
struct EgressName {
    std::string host;  ///< lower case, without a dot at its end
    std::vector<std::uint32_t> ports;

    bool operator==(const EgressName&) const = default;
};

/// What leads out of the sandbox; replaces what was said before. The agent listens for it, the owner decides.
struct Egress {
    std::vector<EgressName> names;
    bool proxies = false;  ///< programs are told of the proxies, which are there when anything leads out

    bool operator==(const Egress&) const = default;
};

/// A name that a program asked for, and that leads nowhere. Each is told once.
struct NameRefused {
    std::string host;  ///< hostile

    bool operator==(const NameRefused&) const = default;
};

/// What programs may reach, as a user writes it: HOST:PORT.
struct ChangeEgress {
    StreamId after = 0;
    std::vector<std::string> allow;
    std::vector<std::string> deny;

    bool operator==(const ChangeEgress&) const = default;
};

}  // namespace sbx::wire
