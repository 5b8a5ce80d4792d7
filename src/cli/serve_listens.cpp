#include "cli/serve_listens.hpp"

#include "cli/listen_address.hpp"
#include "daemon/dialects/dialects.hpp"
#include "daemon/http/passed_sockets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sbx::cli {
namespace {

constexpr std::string_view local = "unix:";
constexpr const char* usual_host = "127.0.0.1";
constexpr const char* usual_port = "8000";
/// Where the servers listen that dialects stand for, if it is not the usual place.
constexpr std::array own_places{"app=127.0.0.1:3000", "brainnet=127.0.0.1:8001"};

std::vector<std::string> usual_dialects(const ServeOptions& options)
{
    if (!options.compat) return {"native"};
    return {daemon::dialect_names.begin(), daemon::dialect_names.end()};
}

Result<daemon::ListenAddress> read_address(std::string_view text)
{
    daemon::ListenAddress address;
    if (text.starts_with(local)) {
        address.path = text.substr(local.size());
        if (address.path.empty())
            return Error(Errc::invalid_argument, "--listen: unix: names no path", "--listen unix:/run/sbx.sock");
        return address;
    }
    const Result<ListenAddress> parsed = parse_listen_address("--listen", text);
    if (!parsed) return parsed.error();
    address.address = parsed->host;
    address.port = parsed->port;
    return address;
}

/// `native,app`
Result<std::vector<std::string>> read_dialects(std::string_view text)
{
    std::vector<std::string> names;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, comma);
        if (std::ranges::find(daemon::dialect_names, name) == daemon::dialect_names.end())
            return Error(Errc::invalid_argument, fmt::format("--listen: there is no dialect '{}'", name),
                         fmt::format("one of {}", fmt::join(daemon::dialect_names, ", ")));
        if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return names;
}

/// `[DIALECT,…=]ADDRESS`; a path may have an equals sign too.
Result<daemon::Listen> read_listen(std::string_view text, const std::vector<std::string>& usual)
{
    daemon::Listen listen;
    listen.dialects = usual;
    const std::size_t equals = text.starts_with(local) ? std::string_view::npos : text.find('=');
    if (equals != std::string_view::npos) {
        auto names = read_dialects(text.substr(0, equals));
        if (!names) return names.error();
        if (names->empty())
            return Error(Errc::invalid_argument, fmt::format("--listen: '{}' names no dialect", text),
                         "--listen native,app=127.0.0.1:8080");
        listen.dialects = std::move(*names);
        text.remove_prefix(equals + 1);
    }
    auto address = read_address(text);
    if (!address) return address.error();
    listen.address = std::move(*address);
    return listen;
}

/// Variables of the servers that it stands for.
/// @return the first of them that is set
std::string variable(const Context& context, const char* name, const char* other, const char* fallback)
{
    for (const char* word : {name, other})
        if (auto value = context.environment(word); value && !value->empty()) return *value;
    return fallback;
}

bool is_own_address(const std::string& text)
{
    namespace ip = boost::asio::ip;
    boost::system::error_code failed;
    const ip::udp::endpoint any_port(ip::make_address(text, failed), 0);
    if (failed) return false;
    boost::asio::io_context io;
    ip::udp::socket socket(io, any_port.protocol());
    socket.bind(any_port, failed);
    return !failed;
}

bool is_port(const std::string& text)
{
    std::uint16_t port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failed == std::errc() && end == text.data() + text.size() && port != 0;
}

/// The address of port 8000. Shells set HOST to the machine's name, which is no address to listen at.
Result<std::string> main_place(const ServeOptions& options, Context& context)
{
    if (!options.compat) return fmt::format("{}:{}", usual_host, usual_port);
    std::string host = variable(context, "HOST", "CI_HOST", usual_host);
    if (!is_own_address(host)) {
        context.say(fmt::format("{}: HOST={} is no address of this machine: listening on {}", context.program, host,
                                usual_host));
        host = usual_host;
    }
    const bool is_v6 = host.find(':') != std::string::npos;
    const std::string port = variable(context, "PORT", "CI_PORT", usual_port);
    if (!is_port(port)) return Error(Errc::invalid_argument, fmt::format("PORT: '{}' is no port", port), "PORT=8000");
    return fmt::format("{}:{}", is_v6 ? fmt::format("[{}]", host) : host, port);
}

Result<void> check_distinct(const std::vector<daemon::Listen>& listens, const std::vector<std::string>& texts)
{
    for (std::size_t i = 0; i < listens.size(); ++i) {
        const daemon::ListenAddress& one = listens[i].address;
        const bool is_again = std::any_of(listens.begin(), listens.begin() + static_cast<std::ptrdiff_t>(i),
                                          [&](const daemon::Listen& other) {
                                              return other.address.path == one.path && other.address.port == one.port &&
                                                     other.address.address == one.address;
                                          });
        if (is_again && (one.is_local() || one.port != 0))
            return Error(Errc::invalid_argument, fmt::format("--listen: '{}' is named twice", texts[i]),
                         "name all its dialects at once: --listen native,app=127.0.0.1:8080");
    }
    return {};
}

}  // namespace

Result<std::vector<daemon::Listen>> read_listens(const ServeOptions& options, Context& context, const Directories& own)
{
    const std::vector<std::string> usual = usual_dialects(options);
    auto passed = daemon::passed_sockets(context.environment("LISTEN_PID").value_or(""),
                                         context.environment("LISTEN_FDS").value_or(""));
    if (!passed) return passed.error();
    std::vector<std::string> texts = options.listens;
    if (texts.empty() && passed->empty()) {
        if (const auto made = make_private_directory(own.runtime); !made) return made.error();
        auto place = main_place(options, context);
        if (!place) return place.error();
        texts = {fmt::format("{}{}", local, (own.runtime / "sbx.sock").native()), std::move(*place)};
        if (options.compat) texts.insert(texts.end(), own_places.begin(), own_places.end());
    }
    std::vector<daemon::Listen> listens;
    for (const std::string& text : texts) {
        auto listen = read_listen(text, usual);
        if (!listen) return listen.error();
        listens.push_back(std::move(*listen));
    }
    if (const auto distinct = check_distinct(listens, texts); !distinct) return distinct.error();
    for (daemon::ListenAddress& address : *passed) listens.push_back({std::move(address), usual});
    return listens;
}

}  // namespace sbx::cli
