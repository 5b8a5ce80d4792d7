#pragma once

#include "core/wire/messages.hpp"

#include <array>
#include <string_view>
#include <tuple>

/// How each message is written in JSON: its keys, and the names of enumerators. For the codec alone.
namespace sbx::wire {

template <class Class, class Member>
struct Key {
    std::string_view name;
    Member Class::*member;
};
template <class Class, class Member>
Key(std::string_view, Member Class::*) -> Key<Class, Member>;

/// The JSON keys of each message.
template <class Message>
constexpr auto keys = nullptr;
template <>
constexpr auto keys<Nothing> = std::tuple();
template <>
constexpr auto keys<Hello> =
    std::tuple(Key{"version", &Hello::version}, Key{"build", &Hello::build}, Key{"cgroup", &Hello::cgroup},
               Key{"memory_limit_bytes", &Hello::memory_limit_bytes});
template <>
constexpr auto keys<Claim> =
    std::tuple(Key{"token", &Claim::token}, Key{"lease_ms", &Claim::lease_ms}, Key{"one_shot", &Claim::one_shot});
template <>
constexpr auto keys<Ping> = std::tuple(Key{"nonce", &Ping::nonce});
template <>
constexpr auto keys<Lease> = std::tuple(Key{"ms", &Lease::ms});
template <>
constexpr auto keys<ResourceLimit> = std::tuple(Key{"resource", &ResourceLimit::resource},
                                                Key{"soft", &ResourceLimit::soft}, Key{"hard", &ResourceLimit::hard});
template <>
constexpr auto keys<Spawn> =
    std::tuple(Key{"after", &Spawn::after}, Key{"argv", &Spawn::argv}, Key{"env", &Spawn::env}, Key{"cwd", &Spawn::cwd},
               Key{"uid", &Spawn::uid}, Key{"gid", &Spawn::gid}, Key{"pty", &Spawn::pty}, Key{"rows", &Spawn::rows},
               Key{"columns", &Spawn::columns}, Key{"input", &Spawn::input}, Key{"preloaded", &Spawn::preloaded},
               Key{"limits", &Spawn::limits}, Key{"channels", &Spawn::channels}, Key{"window", &Spawn::window},
               Key{"drain_ms", &Spawn::drain_ms}, Key{"detached", &Spawn::detached});
template <>
constexpr auto keys<Resize> = std::tuple(Key{"rows", &Resize::rows}, Key{"columns", &Resize::columns});
template <>
constexpr auto keys<Signal> = std::tuple(Key{"signal", &Signal::signal}, Key{"target", &Signal::target});
template <>
constexpr auto keys<Exit> = std::tuple(
    Key{"code", &Exit::code}, Key{"signal", &Exit::signal}, Key{"wall_us", &Exit::wall_us},
    Key{"user_us", &Exit::user_us}, Key{"system_us", &Exit::system_us}, Key{"peak_rss_bytes", &Exit::peak_rss_bytes},
    Key{"start_ms", &Exit::start_ms}, Key{"end_ms", &Exit::end_ms}, Key{"oom", &Exit::oom},
    Key{"oom_kills", &Exit::oom_kills}, Key{"disk_full", &Exit::disk_full},
    Key{"memory_peak_bytes", &Exit::memory_peak_bytes}, Key{"memory_limit_bytes", &Exit::memory_limit_bytes},
    Key{"memory_in_files_bytes", &Exit::memory_in_files_bytes});
template <>
constexpr auto keys<Started> = std::tuple(Key{"process", &Started::process});
template <>
constexpr auto keys<Processes> = std::tuple(Key{"after", &Processes::after});
template <>
constexpr auto keys<ProcessInfo> =
    std::tuple(Key{"process", &ProcessInfo::process}, Key{"argv", &ProcessInfo::argv},
               Key{"running", &ProcessInfo::running}, Key{"start_ms", &ProcessInfo::start_ms},
               Key{"exit", &ProcessInfo::exit}, Key{"dropped_bytes", &ProcessInfo::dropped_bytes});
template <>
constexpr auto keys<ProcessList> = std::tuple(Key{"processes", &ProcessList::processes});
template <>
constexpr auto keys<Attach> =
    std::tuple(Key{"after", &Attach::after}, Key{"process", &Attach::process}, Key{"follow", &Attach::follow},
               Key{"window", &Attach::window}, Key{"interrupt", &Attach::interrupt});
template <>
constexpr auto keys<Attached> =
    std::tuple(Key{"process", &Attached::process}, Key{"pty", &Attached::pty}, Key{"input", &Attached::input},
               Key{"channels", &Attached::channels}, Key{"dropped_bytes", &Attached::dropped_bytes});
template <>
constexpr auto keys<Measure> = std::tuple(Key{"after", &Measure::after});
template <>
constexpr auto keys<Reset> = std::tuple(Key{"after", &Reset::after});
template <>
constexpr auto keys<Measured> =
    std::tuple(Key{"cpu_us", &Measured::cpu_us}, Key{"memory_bytes", &Measured::memory_bytes},
               Key{"memory_peak_bytes", &Measured::memory_peak_bytes}, Key{"processes", &Measured::processes},
               Key{"work_bytes", &Measured::work_bytes}, Key{"work_size_bytes", &Measured::work_size_bytes},
               Key{"tmp_bytes", &Measured::tmp_bytes}, Key{"tmp_size_bytes", &Measured::tmp_size_bytes});
template <>
constexpr auto keys<Credit> = std::tuple(Key{"bytes", &Credit::bytes});
template <>
constexpr auto keys<Reply> = std::tuple(Key{"bytes", &Reply::bytes}, Key{"entries", &Reply::entries},
                                        Key{"truncated", &Reply::truncated}, Key{"mtime_ns", &Reply::mtime_ns});
template <>
constexpr auto keys<Failure> = std::tuple(Key{"code", &Failure::code}, Key{"message", &Failure::message});
template <>
constexpr auto keys<Entry> =
    std::tuple(Key{"path", &Entry::path}, Key{"type", &Entry::type}, Key{"size_bytes", &Entry::size_bytes},
               Key{"mtime_ns", &Entry::mtime_ns}, Key{"mode", &Entry::mode});
template <>
constexpr auto keys<Entries> = std::tuple(Key{"entries", &Entries::entries});
template <>
constexpr auto keys<Stat> = std::tuple(Key{"after", &Stat::after}, Key{"path", &Stat::path});
template <>
constexpr auto keys<List> = std::tuple(Key{"after", &List::after}, Key{"directory", &List::directory},
                                       Key{"depth", &List::depth}, Key{"max_entries", &List::max_entries});
template <>
constexpr auto keys<Read> =
    std::tuple(Key{"after", &Read::after}, Key{"path", &Read::path}, Key{"offset", &Read::offset},
               Key{"max_bytes", &Read::max_bytes}, Key{"window", &Read::window});
template <>
constexpr auto keys<Write> =
    std::tuple(Key{"after", &Write::after}, Key{"path", &Write::path}, Key{"mode", &Write::mode},
               Key{"max_bytes", &Write::max_bytes}, Key{"append", &Write::append});
template <>
constexpr auto keys<Mkdir> = std::tuple(Key{"after", &Mkdir::after}, Key{"path", &Mkdir::path},
                                        Key{"mode", &Mkdir::mode}, Key{"parents", &Mkdir::parents});
template <>
constexpr auto keys<Move> = std::tuple(Key{"after", &Move::after}, Key{"from", &Move::from}, Key{"to", &Move::to});
template <>
constexpr auto keys<Remove> =
    std::tuple(Key{"after", &Remove::after}, Key{"path", &Remove::path}, Key{"recursive", &Remove::recursive});
template <>
constexpr auto keys<Watch> = std::tuple(Key{"after", &Watch::after}, Key{"path", &Watch::path},
                                        Key{"recursive", &Watch::recursive}, Key{"window", &Watch::window});
template <>
constexpr auto keys<Changed> = std::tuple(Key{"kind", &Changed::kind}, Key{"path", &Changed::path});
template <>
constexpr auto keys<TarIn> = std::tuple(Key{"after", &TarIn::after}, Key{"directory", &TarIn::directory},
                                        Key{"max_bytes", &TarIn::max_bytes}, Key{"max_entries", &TarIn::max_entries});
template <>
constexpr auto keys<TarOut> = std::tuple(Key{"after", &TarOut::after}, Key{"directory", &TarOut::directory},
                                         Key{"paths", &TarOut::paths}, Key{"window", &TarOut::window});
template <>
constexpr auto keys<Connect> =
    std::tuple(Key{"after", &Connect::after}, Key{"port", &Connect::port}, Key{"window", &Connect::window});
template <>
constexpr auto keys<Proxy> = std::tuple(Key{"host", &Proxy::host}, Key{"port", &Proxy::port});
template <>
constexpr auto keys<EgressName> = std::tuple(Key{"host", &EgressName::host}, Key{"ports", &EgressName::ports});
template <>
constexpr auto keys<Egress> = std::tuple(Key{"names", &Egress::names}, Key{"proxies", &Egress::proxies});
template <>
constexpr auto keys<NameRefused> = std::tuple(Key{"host", &NameRefused::host});
template <>
constexpr auto keys<ChangeEgress> = std::tuple(Key{"after", &ChangeEgress::after}, Key{"allow", &ChangeEgress::allow},
                                               Key{"deny", &ChangeEgress::deny});
template <>
constexpr auto keys<Turn> = std::tuple(Key{"name", &Turn::name}, Key{"attached", &Turn::attached});

/// The enumerators' names, in their order.
template <class Enum>
constexpr auto names = nullptr;
template <>
constexpr std::array<std::string_view, 2> names<Target> = {"group", "all"};
template <>
constexpr std::array<std::string_view, 13> names<FailureCode> = {
    "invalid",   "denied",    "not_found", "not_executable", "no_directory", "no_processes", "no_memory",
    "disk_full", "too_large", "exists",    "cancelled",      "unsupported",  "internal"};
template <>
constexpr std::array<std::string_view, 4> names<EntryType> = {"file", "directory", "symlink", "other"};
template <>
constexpr std::array<std::string_view, 6> names<ChangeKind> = {"created", "written",    "removed",
                                                               "renamed", "attributes", "overflow"};

}  // namespace sbx::wire
