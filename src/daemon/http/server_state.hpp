#pragma once

#include "daemon/http/access_record.hpp"
#include "daemon/http/access_rules.hpp"
#include "daemon/http/exchange.hpp"
#include "daemon/http/http_date.hpp"
#include "daemon/http/http_limits.hpp"
#include "daemon/http/request_id.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <map>
#include <memory>
#include <string>
#include <unordered_set>

namespace sbx::daemon {

class Connection;

/// What the connections of one server share. They register themselves.
struct ServerState {
    ServerState(const asio::any_io_executor& executor_, const HttpLimits& limits_)
        : executor(executor_), limits(limits_)
    {
    }

    void tell(const AccessRecord& record) const
    {
        if (observer) observer(record);
    }

    asio::any_io_executor executor;
    const HttpLimits limits;
    bool stopping = false;
    std::unordered_set<Connection*> connections;
    std::map<std::string, std::size_t, std::less<>> per_address;  ///< of remote peers that nobody vouched for
    Observer observer;
    RequestIds ids;
    HttpDate date;
};

/// What is served at one listener.
struct Site {
    AccessRules rules;
    Serve serve;
    std::shared_ptr<asio::ssl::context> tls;  ///< none: plain
};

}  // namespace sbx::daemon
