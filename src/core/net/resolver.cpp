#include "core/net/resolver.hpp"

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

namespace sbx {
namespace {

namespace asio = boost::asio;
using asio::ip::address;

constexpr unsigned most_questions = 32;

/// Shared by who asks and the thread that finds out: either may be gone first.
struct Question {
    Question(std::string text, SearchList search) : name(std::move(text)), list(search) {}

    std::string name;
    SearchList list;
    int failure = 0;
    std::vector<address> found;
};

/// Counts a thread as long as it lives.
class Slot {
   public:
    explicit Slot(std::shared_ptr<std::atomic<unsigned>> count) : count_(std::move(count)) { ++*count_; }
    ~Slot()
    {
        if (count_) --*count_;
    }
    Slot(Slot&&) = default;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;

   private:
    std::shared_ptr<std::atomic<unsigned>> count_;
};

/// @param done  closed here, after a byte that says that the answer is in `question`
void find_out(Question& question, int done)
{
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    ::res_init();  // this state is the thread's own
    if (question.list == SearchList::ignored) _res.options &= ~static_cast<unsigned long>(RES_DEFNAMES | RES_DNSRCH);
    question.failure = ::getaddrinfo(question.name.c_str(), nullptr, &wanted, &first);
    for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (each->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
        endpoint.resize(each->ai_addrlen);
        question.found.push_back(endpoint.address());
    }
    if (first != nullptr) ::freeaddrinfo(first);
    [[maybe_unused]] const ssize_t told = ::write(done, "", 1);  // SIGPIPE is blocked: nobody may wait any more
    ::close(done);
}

/// Signals of the process are for its other threads.
void start(std::shared_ptr<Question> question, int done, Slot slot)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread([question = std::move(question), done, kept = std::move(slot)] {
            find_out(*question, done);
        }).detach();
    } catch (...) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Result<std::vector<address>> answer_of(Question& question)
{
    if (question.failure == EAI_NONAME || question.failure == EAI_NODATA)
        return Error(Errc::not_found, fmt::format("there is no such name: {}", question.name));
    if (question.failure != 0 || question.found.empty())
        return Error(Errc::unavailable,
                     fmt::format("{} cannot be resolved: {}", question.name, ::gai_strerror(question.failure)));
    return std::move(question.found);
}

}  // namespace

asio::awaitable<Result<std::vector<address>>> addresses_of(Resolver& resolver, std::string host)
{
    boost::system::error_code no_address;
    const address literal = asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector<address>{literal};
    co_return co_await resolver.resolve(std::move(host));
}

asio::awaitable<Result<std::vector<address>>> SystemResolver::resolve(std::string name)
{
    if (*under_way_ >= most_questions)
        co_return Error(Errc::resource_exhausted, "too many names are being resolved at once");
    const auto executor = co_await asio::this_coro::executor;
    asio::local::stream_protocol::socket ours(executor);
    asio::local::stream_protocol::socket theirs(executor);
    boost::system::error_code failed;
    asio::local::connect_pair(ours, theirs, failed);
    if (failed) co_return Error(Errc::resource_exhausted, "out of descriptors");
    const auto question = std::make_shared<Question>(std::move(name), list_);
    const int done = theirs.release();
    try {
        start(question, done, Slot(under_way_));
    } catch (const std::system_error&) {
        ::close(done);
        co_return Error(Errc::resource_exhausted, "out of threads");
    }
    char answered = 0;
    co_await ours.async_read_some(asio::buffer(&answered, 1), asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return Error(Errc::cancelled, "cancelled");
    co_return answer_of(*question);
}

}  // namespace sbx
