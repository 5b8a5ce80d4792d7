#include "registry.hpp"

#include "catch.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace test {
namespace {

using boost::asio::ip::tcp;

// bcrypt of "secret", the only kind of hash that the registry takes.
constexpr const char* accounts = "tester:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

std::uint16_t free_port()
{
    boost::asio::io_context context;
    return tcp::acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)).local_endpoint().port();
}

bool listens(std::uint16_t port)
{
    boost::asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code ec;
    socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port), ec);
    return !ec;
}

}  // namespace

Registry::Registry(bool with_password)
{
    const std::uint16_t port = free_port();
    host_ = fmt::format("localhost:{}", port);
    const std::string root = directory_.path().string();
    const std::string config = root + "/config.yml";
    std::ofstream file(config);
    file << "version: 0.1\nlog: {level: error}\n"
         << "storage: {filesystem: {rootdirectory: " << root << "/data}}\n"
         << "http: {addr: 127.0.0.1:" << port << "}\n";
    if (with_password) {
        std::ofstream(root + "/htpasswd") << accounts;
        file << "auth: {htpasswd: {realm: test, path: " << root << "/htpasswd}}\n";
    }
    file.close();
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
        static_cast<void>(std::freopen("/dev/null", "w", stdout));
        static_cast<void>(std::freopen("/dev/null", "w", stderr));
        ::execlp("docker-registry", "docker-registry", "serve", config.c_str(), nullptr);
        ::_exit(127);
    }
    for (int tries = 0; tries < 200 && !listens(port); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    REQUIRE(listens(port));
}

Registry::~Registry()
{
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
}

}  // namespace test
