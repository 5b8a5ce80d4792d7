#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>

namespace sbx {

/// A place outside that programs of a sandbox may reach over TCP.
struct EgressRule {
    std::string host;        ///< lower case: a name, `*.name` for all below it, `*` for all, or an address
    std::uint16_t port = 0;  ///< 0: every port

    bool operator==(const EgressRule&) const = default;
};

/// `refused`: the rules forbid it. `failed`: they allow it, and there was no connection.
enum class Verdict { allowed, refused, failed };
BOOST_DESCRIBE_ENUM(Verdict, allowed, refused, failed)

/// What became of the attempts of a sandbox's programs to reach one place, those with the same end together.
struct NetworkAttempt {
    std::string host;        ///< as the program named it, safe to print
    std::uint16_t port = 0;  ///< 0: only its name was asked for
    Verdict verdict = Verdict::allowed;
    std::string reason;   ///< why it was not allowed, or failed
    std::string address;  ///< that was connected to, the last time
    std::uint64_t count = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;

    bool operator==(const NetworkAttempt&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkAttempt, (), (host, port, verdict, reason, address, count, sent_bytes, received_bytes))

}  // namespace sbx
