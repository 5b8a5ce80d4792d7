#pragma once

#include "daemon/api/schema.hpp"
#include "daemon/interpreter/interpreter.hpp"

namespace sbx::daemon::librechat {

/// What `/exec` says of a run's files: those that it made, and those that are as they were.
nlohmann::ordered_json files_json(const InterpreterEnd& end);

/// The members of an answer that are there only where there is something to tell.
void add_rare_members(nlohmann::ordered_json& json, const InterpreterEnd& end);

}  // namespace sbx::daemon::librechat

namespace sbx::daemon {

/// The answer to `/exec`, and to the route of the server that this stands for, which had more members.
struct ExecAnswer {
    InterpreterEnd end;
    std::string run_id;    ///< empty: `/exec`
    std::string language;  ///< likewise
};

template <>
struct JsonForm<ExecAnswer> {
    static constexpr const char* name = "ExecAnswer";
    static Schemas::Json schema(Schemas& schemas);
    static nlohmann::ordered_json write(const ExecAnswer& answer);
};

}  // namespace sbx::daemon
