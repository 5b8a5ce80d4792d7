#include "core/sandbox/turns.hpp"

#include "core/wire/frame.hpp"

#include <algorithm>
#include <utility>

namespace sbx {
namespace {

constexpr std::size_t most_names = 256;

bool is_name(const std::string& text)
{
    constexpr std::string_view others = "._-";
    return !text.empty() && text.size() <= wire::max_turn_bytes && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

}  // namespace

Turns::Place::Place(Line& line, std::uint64_t client, std::function<void()> came)
    : line_(line), client_(client), came_(std::move(came))
{
    line_.places.push_back(this);
    if (has_turn()) line_.last = client_;
}

Turns::Place::~Place()
{
    const bool had_turn = has_turn();
    std::erase(line_.places, this);
    if (had_turn && !line_.places.empty()) line_.places.front()->begin();
}

void Turns::Place::begin()
{
    line_.last = client_;
    if (came_) came_();
}

Result<std::unique_ptr<Turns::Place>> Turns::ask(const std::string& name, std::uint64_t client,
                                                 std::function<void()> came)
{
    if (!is_name(name)) return Error(Errc::invalid_argument, "nothing has such a name");
    if (!lines_.contains(name) && !make_room())
        return Error(Errc::resource_exhausted, "turns are taken with too many things at once");
    return std::make_unique<Place>(lines_[name], client, std::move(came));
}

std::unique_ptr<Turns::Place> Turns::go_on(const std::string& name, std::uint64_t client)
{
    const auto line = lines_.find(name);
    if (line == lines_.end() || line->second.last != client || !line->second.places.empty()) return nullptr;
    return std::make_unique<Place>(line->second, client, nullptr);
}

/// What nobody is in line for is only remembered, and can be forgotten.
bool Turns::make_room()
{
    if (lines_.size() < most_names) return true;
    const auto idle = std::ranges::find_if(lines_, [](const auto& entry) { return entry.second.places.empty(); });
    if (idle == lines_.end()) return false;
    lines_.erase(idle);
    return true;
}

}  // namespace sbx
