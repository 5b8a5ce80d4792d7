#include "agent/make_operation.hpp"

#include "agent/attach.hpp"
#include "agent/connect.hpp"
#include "agent/file_operations.hpp"
#include "agent/measure.hpp"
#include "agent/process.hpp"
#include "agent/reset.hpp"

namespace sbx::agent {
namespace {

using Made = std::unique_ptr<Operation>;

Made make_process(Sandbox& sandbox, StreamId id, wire::Spawn request)
{
    return std::make_unique<Process>(sandbox, id, std::move(request));
}

template <class Request>
const char* decode_and_make(Made (*make)(Sandbox&, StreamId, Request), std::string_view json, Sandbox& sandbox,
                            StreamId id, Made& made)
{
    Request request;
    if (const char* refusal = wire::decode(json, request)) return refusal;
    made = make(sandbox, id, std::move(request));
    return nullptr;
}

}  // namespace

const char* make_operation(Type type, std::string_view json, Sandbox& sandbox, StreamId id, Made& made)
{
    const auto with = [&](auto make) { return decode_and_make(make, json, sandbox, id, made); };
    switch (type) {
        case Type::spawn:
            return with(make_process);
        case Type::processes:
            return with(make_processes);
        case Type::attach:
            return with(make_attach);
        case Type::measure:
            return with(make_measure);
        case Type::reset:
            return with(make_reset);
        case Type::stat:
            return with(make_stat);
        case Type::list:
            return with(make_list);
        case Type::read:
            return with(make_read);
        case Type::write:
            return with(make_write);
        case Type::mkdir:
            return with(make_mkdir);
        case Type::move:
            return with(make_move);
        case Type::remove:
            return with(make_remove);
        case Type::tar_in:
            return with(make_tar_in);
        case Type::tar_out:
            return with(make_tar_out);
        case Type::watch:
            return with(make_watch);
        case Type::connect:
            return with(make_connect);
        default:
            return nullptr;
    }
}

}  // namespace sbx::agent
