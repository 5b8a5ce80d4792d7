#include "daemon/api/dialect_set.hpp"

#include "daemon/api/document_routes.hpp"
#include "daemon/api/openapi.hpp"
#include "daemon/api/shared_errors.hpp"
#include "daemon/http/forwarding_exchange.hpp"
#include "sbx/version.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sbx::daemon {
namespace {

/// A request to `/compat/NAME/path` as one to `/path`.
class PrefixedExchange final : public ForwardingExchange {
   public:
    PrefixedExchange(Exchange& of, const std::string& prefix) : ForwardingExchange(of), head_(of.head())
    {
        Target& target = head_.target;
        target.prefix = prefix;
        target.text.erase(0, prefix.size());
        target.path.erase(0, prefix.size());
        target.segments.erase(target.segments.begin(), target.segments.begin() + std::ranges::count(prefix, '/'));
    }

    const RequestHead& head() const override { return head_; }

    asio::awaitable<void> respond(Response response) override
    {
        for (auto& [name, value] : response.headers)
            if (name == "Location" && value.starts_with('/')) value.insert(0, head_.target.prefix);
        return ForwardingExchange::respond(std::move(response));
    }

   private:
    RequestHead head_;
};

std::shared_ptr<const ErrorShape> errors_of(const std::vector<const Dialect*>& dialects)
{
    if (dialects.size() == 1) return dialects.front()->errors;
    return std::make_shared<SharedErrors>();
}

}  // namespace

/// Routes, with the document of them and the pages that show it.
class DialectSet::Site {
   public:
    Site(std::vector<Route> routes, std::string title, std::string prefix, std::shared_ptr<const ErrorShape> errors,
         const std::vector<Route>& pages, Access& access)
        : title_(std::move(title)), prefix_(std::move(prefix)), router_(access, std::move(errors))
    {
        router_.add(routes);
        router_.add(document_routes([this]() -> const std::string& { return document(); }));
        operations_ = router_.routes().size();
        router_.add(pages);
    }

    asio::awaitable<void> serve(Exchange& exchange) const { return router_.serve(exchange); }

    /// Made when somebody asks for it: most daemons are never asked.
    const std::string& document() const
    {
        if (document_.empty()) {
            const auto& routes = router_.routes();
            const std::vector<Route> operations(routes.begin(),
                                                routes.begin() + static_cast<std::ptrdiff_t>(operations_));
            document_ = openapi_document(operations, title_, std::string(version()), prefix_).dump();
        }
        return document_;
    }

   private:
    std::string title_;
    std::string prefix_;
    Router router_;
    std::size_t operations_ = 0;
    mutable std::string document_;
};

DialectSet::DialectSet(std::vector<const Dialect*> dialects, std::span<const SharedPath> shared,
                       const std::vector<Route>& pages, Access& access)
{
    const std::string title = dialects.size() == 1 ? dialects.front()->title : "sbx";
    together_ =
        std::make_unique<Site>(merge(dialects, shared), title, std::string(), errors_of(dialects), pages, access);
    for (const Dialect* dialect : dialects) {
        const std::string prefix = fmt::format("/compat/{}", dialect->name);
        alone_[prefix] =
            std::make_unique<Site>(dialect->routes, dialect->title, prefix, dialect->errors, pages, access);
    }
}

DialectSet::~DialectSet() = default;

asio::awaitable<void> DialectSet::serve(Exchange& exchange) const
{
    const Target& target = exchange.head().target;
    for (const auto& [prefix, site] : alone_) {
        if (!target.path.starts_with(prefix) || target.path[prefix.size()] != '/') continue;
        PrefixedExchange prefixed(exchange, prefix);
        co_await site->serve(prefixed);
        co_return;
    }
    co_await together_->serve(exchange);
}

}  // namespace sbx::daemon
