#pragma once

#include "daemon/api/endpoint.hpp"

namespace sbx::daemon {

/// The routes of one dialect as they are declared.
class Routes {
   public:
    Routes(std::shared_ptr<const ErrorShape> errors, Reading reading, FinalSlash final_slash = FinalSlash::counts)
        : errors_(std::move(errors)), reading_(reading), final_slash_(final_slash)
    {
    }

    template <class Request, class Answer>
    Route& add(http::verb method, std::string pattern, RouteText text,
               typename TypedEndpoint<Request, Answer>::Handler handler)
    {
        return add(method, std::move(pattern), std::move(text),
                   std::make_shared<TypedEndpoint<Request, Answer>>(std::move(handler)));
    }
    template <class Request, class Answer = void>
    Route& add_raw(http::verb method, std::string pattern, RouteText text,
                   typename RawEndpoint<Request, Answer>::Handler handler)
    {
        return add(method, std::move(pattern), std::move(text),
                   std::make_shared<RawEndpoint<Request, Answer>>(std::move(handler)));
    }

    const std::vector<Route>& all() const { return all_; }
    const std::shared_ptr<const ErrorShape>& errors() const { return errors_; }

   private:
    Route& add(http::verb method, std::string pattern, RouteText text, std::shared_ptr<const Endpoint> endpoint);

    std::shared_ptr<const ErrorShape> errors_;
    Reading reading_;
    FinalSlash final_slash_;
    std::vector<Route> all_;
};

}  // namespace sbx::daemon
