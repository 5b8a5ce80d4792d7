#pragma once

#include "core/sandbox/agent_link.hpp"

namespace sbx {

/// A sink for as long as this lives.
class Attachment {
   public:
    /// @param link, sink  outlive this
    Attachment(AgentLink& link, wire::StreamId stream, StreamSink& sink) : link_(link), stream_(stream)
    {
        link_.attach_sink(stream, sink);
        link_.flush();
    }
    ~Attachment() { link_.detach_sink(stream_); }
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

   private:
    AgentLink& link_;
    wire::StreamId stream_;
};

}  // namespace sbx
