#include "catch.hpp"

#include "daemon/metrics/engine_operation.hpp"

#include <string>

using sbx::daemon::engine_operation;

TEST_CASE("a call to the engine is named by what it does, without ids and names")
{
    const auto [method, path, operation] = GENERATE(table<std::string, std::string, std::string>(
        {{"GET", "/_ping", "GET /_ping"},
         {"POST", "/v1.41/containers/create", "POST /containers/create"},
         {"POST", "/v1.41/containers/0123abc/start", "POST /containers/{}/start"},
         {"DELETE", "/v1.41/containers/0123abc", "DELETE /containers/{}"},
         {"GET", "/v1.41/images/registry.example/team/image:1/json", "GET /images/{}/json"},
         {"PUT", "/v1.41/containers/x/archive", "PUT /containers/{}/archive"},
         {"GET", "/v1.41/volumes", "GET /volumes"},
         {"GET", "/", "GET other"},
         {"GET", "", "GET other"},
         {"GET", "/v1.41/secret/word", "GET other"}}));
    CHECK(engine_operation(method, path) == operation);
}
