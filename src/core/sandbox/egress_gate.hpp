#pragma once

#include "core/net/egress_list.hpp"
#include "core/sandbox/outside_stream.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sbx {

/// The only way out of a sandbox without a network. Its agent asks for connections by name and port, and is not
/// trusted: here they are held against the list, resolved, checked and made (docs/network.md).
class EgressGate : private EgressHandler {
   public:
    /// @param link    outlives this
    /// @param rules   which addresses may be connected to at all
    /// @param earlier what programs tried before, where an earlier process served this sandbox
    EgressGate(AgentLink& link, EgressList list, AddressRules rules, std::vector<NetworkAttempt> earlier = {});
    ~EgressGate() override;
    EgressGate(const EgressGate&) = delete;
    EgressGate& operator=(const EgressGate&) = delete;

    /// Queues the list for the agent. Nothing leads out before.
    void announce();
    /// Serves until the link is over or this is cancelled; nothing of it is under way then.
    /// @cancel terminal
    asio::awaitable<void> serve();

    /// Waits until what programs sent is written to the outside, but not for long. They may have ended meanwhile, as
    /// they may anywhere: the kernel would go on with it.
    asio::awaitable<void> drain();

    /// Changes what is allowed, at once; connections that are allowed no more are broken.
    void change(EgressList list);

    const EgressList& list() const { return list_; }
    const Attempts& attempts() const { return outside_.attempts; }

   private:
    void on_proxy(wire::StreamId stream, const wire::Proxy& wanted) override;
    void on_name_refused(const wire::NameRefused& name) override;
    void refuse(wire::StreamId stream, const wire::Proxy& wanted, const std::string& why);
    void clear();

    AgentLink& link_;
    EgressList list_;
    SystemResolver resolver_;
    Outside outside_;
    std::vector<std::shared_ptr<OutsideStream>> streams_;  ///< whose `run` is under way, or whose end is to come
    bool announced_ = false;
    bool is_over_ = false;
};

/// Address ranges of the settings, which have been parsed before.
AddressRules permitting(const std::vector<std::string>& ranges);

}  // namespace sbx
