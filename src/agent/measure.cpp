#include "agent/measure.hpp"

#include "agent/accounting.hpp"

namespace sbx::agent {
namespace {

/// Needs no other process: it answers where none can be made any more.
class MeasureSandbox : public Operation {
   public:
    using Operation::Operation;

   private:
    void run() override
    {
        uplink().send(Type::measured, id(), measure_sandbox());
        reply({});
    }
};

}  // namespace

std::unique_ptr<Operation> make_measure(Sandbox& sandbox, StreamId id, wire::Measure request)
{
    return std::make_unique<MeasureSandbox>(sandbox, id, request.after);
}

}  // namespace sbx::agent
