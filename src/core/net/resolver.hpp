#pragma once

#include "sbx/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sbx {

/// Finds the addresses of a name.
class Resolver {
   public:
    virtual ~Resolver() = default;

    /// @return at least one address
    /// @error not_found           there is no such name
    /// @error unavailable         whoever knows names does not answer
    /// @error resource_exhausted  too many names are being asked for already
    /// @cancel terminal, at once
    virtual boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> resolve(std::string name) = 0;
};

/// The addresses of a host, which may be one itself.
/// @param resolver  outlives the call
/// @error as `Resolver::resolve`
boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> addresses_of(Resolver& resolver,
                                                                                   std::string host);

/// Whether a name may be short for another one, below the domains that this machine searches.
enum class SearchList { ignored, used };

/// This machine's own resolver, getaddrinfo(3). Each question has a thread: it blocks, perhaps far beyond its caller's
/// patience, and then nothing waits for it, not even the end of the process.
class SystemResolver : public Resolver {
   public:
    explicit SystemResolver(SearchList list = SearchList::ignored) : list_(list) {}

    boost::asio::awaitable<Result<std::vector<boost::asio::ip::address>>> resolve(std::string name) override;

   private:
    SearchList list_;
    std::shared_ptr<std::atomic<unsigned>> under_way_ = std::make_shared<std::atomic<unsigned>>(0);
};

}  // namespace sbx
