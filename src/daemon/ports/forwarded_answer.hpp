#pragma once

#include "daemon/ports/forwarded_request.hpp"

namespace sbx::daemon {

/// The fields of a program's answer that its client gets. Of a program that shares the API's origin that is nothing
/// which changes what browsers think of the origin as a whole, and its pages get an origin of their own, which may ask
/// for nothing (`Content-Security-Policy: sandbox`).
/// @source RFC 9110, section 7.6.1; Content Security Policy Level 3, section 6.3.2
Headers forwarded_answer(const http::fields& answer, const PortRoute& route);

}  // namespace sbx::daemon
