// What a keeper answers its clients itself.
#include "core/sandbox/relay_stream.hpp"
#include "sbx/version.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace sbx {
namespace {

using wire::StreamId;
using wire::Type;

constexpr std::uint32_t highest_signal = 64;
constexpr std::uint64_t longest_life_ms = 24ULL * 3'600'000;

bool same(const std::string& a, const std::string& b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

wire::FailureCode code_of(Errc code)
{
    switch (code) {
        case Errc::invalid_argument:
            return wire::FailureCode::invalid;
        case Errc::permission_denied:
            return wire::FailureCode::denied;
        case Errc::not_found:
            return wire::FailureCode::not_found;
        case Errc::conflict:
            return wire::FailureCode::exists;
        case Errc::resource_exhausted:
            return wire::FailureCode::too_large;
        default:
            return wire::FailureCode::internal;
    }
}

}  // namespace

void Relay::fail(StreamId client, wire::FailureCode code, std::string_view message)
{
    wire::Failure failure;
    failure.code = code;
    failure.message = message;
    send(Type::error, client, failure);
}

const char* Relay::on_hello(std::string_view json)
{
    wire::Hello hello;
    if (const char* refusal = wire::decode(json, hello)) return refusal;
    if (greeted_ || hello.version != wire::protocol_version) return "unexpected hello";
    greeted_ = true;
    wire::Hello answer;
    answer.build = version();
    send(Type::hello, 0, answer);
    return nullptr;
}

const char* Relay::on_connection(const wire::Header& header, std::string_view json)
{
    wire::Ping ping;
    wire::Lease lease;
    wire::Signal signal;
    const char* refusal = nullptr;
    switch (header.type) {
        case Type::ping:
            refusal = wire::decode(json, ping);
            if (refusal != nullptr) return refusal;
            send(Type::pong, 0, ping);
            return nullptr;
        case Type::lease:
            refusal = wire::decode(json, lease);
            if (refusal != nullptr || !claimed_) return refusal;
            life_.live_for(std::chrono::milliseconds(std::min(lease.ms, longest_life_ms)), asked_programs_);
            return nullptr;
        case Type::shutdown:
            if (claimed_) life_.end_now(asked_programs_);
            return nullptr;
        case Type::signal:
            refusal = wire::decode(json, signal);
            if (refusal != nullptr || !claimed_) return refusal;
            if (signal.target != wire::Target::all || signal.signal > highest_signal) return "a signal to no process";
            asked_programs_ = true;
            agent_.owner().signal_all(static_cast<int>(signal.signal));
            return nullptr;
        default:
            return nullptr;  // a client that is stopped costs the sandbox nothing
    }
}

const char* Relay::on_claim(StreamId client, std::string_view json)
{
    wire::Claim claim;
    if (const char* refusal = wire::decode(json, claim)) return refusal;
    claimed_ = claimed_ || same(claim.token, token_);
    if (claimed_)
        send(Type::reply, client, wire::Reply{});
    else
        fail(client, wire::FailureCode::denied, "a wrong token");
    return nullptr;
}

const char* Relay::on_change_egress(StreamId client, std::string_view json)
{
    wire::ChangeEgress change;
    if (const char* refusal = wire::decode(json, change)) return refusal;
    const Result<void> changed =
        claimed_ ? life_.change_egress(change) : Result<void>(Error(Errc::permission_denied, "not claimed"));
    if (changed)
        send(Type::reply, client, wire::Reply{});
    else
        fail(client, code_of(changed.error().code), changed.error().message);
    return nullptr;
}

const char* Relay::on_turn(StreamId client, std::string_view json)
{
    wire::Turn turn;
    if (const char* refusal = wire::decode(json, turn)) return refusal;
    if (!claimed_) return fail(client, wire::FailureCode::denied, "not claimed"), nullptr;
    if (turn.attached != 0) return go_on(client, turn), nullptr;
    if (!has_room()) return fail(client, wire::FailureCode::too_large, "too many operations at once"), nullptr;
    auto came = [this, client] {
        send(Type::opened, client, wire::Nothing{});
        agent_.flush();
    };
    auto place = turns_.ask(turn.name, taker_, std::move(came));
    if (!place) return fail(client, code_of(place.error().code), place.error().message), nullptr;
    if ((*place)->has_turn()) send(Type::opened, client, wire::Nothing{});
    places_.emplace(client, std::move(*place));
    return nullptr;
}

/// What the client sends on the stream that it goes on with is already on its way. Out of turn it must get nowhere.
void Relay::go_on(StreamId client, const wire::Turn& turn)
{
    const auto stream = streams_.find(turn.attached);
    const bool is_attached = stream != streams_.end() && stream->second->type == Type::attach;
    std::unique_ptr<Turns::Place> place;
    if (is_attached && has_room()) place = turns_.go_on(turn.name, taker_);
    if (place) {
        places_.emplace(client, std::move(place));
        return;
    }
    if (is_attached) stream->second->shut();
    fail(client, wire::FailureCode::exists, "others had their turn since");
}

const char* Relay::on_place(const wire::Header& header, std::string_view json)
{
    wire::Nothing nothing;
    if (header.type != Type::close) return "a frame that no turn takes";
    if (const char* refusal = wire::decode(json, nothing)) return refusal;
    if (places_.at(header.stream)->has_turn())
        send(Type::reply, header.stream, wire::Reply{});
    else
        fail(header.stream, wire::FailureCode::cancelled, "the turn had not come");
    places_.erase(header.stream);
    return nullptr;
}

}  // namespace sbx
