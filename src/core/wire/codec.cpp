#include "core/wire/base64.hpp"
#include "core/wire/message_keys.hpp"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <limits>
#include <tuple>
#include <type_traits>

namespace sbx::wire {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;
using Value = rapidjson::Value;

/// Discards what RapidJSON's encoding check copies.
struct Discard {
    void Put(char) {}
};

/// Whether a JSON string can hold these bytes without growing much: UTF-8 and few escapes.
bool is_clean(std::string_view bytes)
{
    rapidjson::MemoryStream stream(bytes.data(), bytes.size());
    Discard discard;
    while (stream.Tell() < bytes.size()) {
        const auto c = static_cast<unsigned char>(stream.Peek());
        if (c < ' ' && c != '\n' && c != '\t' && c != '\r') return false;
        if (!rapidjson::UTF8<>::Validate(stream, discard)) return false;
    }
    return stream.Tell() == bytes.size();
}

void write_string(Writer& to, std::string_view text)
{
    to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write(Writer& to, bool value)
{
    to.Bool(value);
}

void write(Writer& to, std::uint32_t value)
{
    to.Uint(value);
}

void write(Writer& to, std::uint64_t value)
{
    to.Uint64(value);
}

void write(Writer& to, std::int64_t value)
{
    to.Int64(value);
}

void write(Writer& to, const std::string& bytes)
{
    if (is_clean(bytes)) return write_string(to, bytes);
    to.StartObject();
    write_string(to, "base64");
    write_string(to, to_base64(bytes));
    to.EndObject();
}

template <class Enum>
    requires std::is_enum_v<Enum>
void write(Writer& to, Enum value)
{
    write_string(to, names<Enum>[static_cast<std::size_t>(value)]);
}

template <class Item>
void write(Writer& to, const std::vector<Item>& items);

template <class Message>
    requires(!std::same_as<decltype(keys<Message>), const std::nullptr_t>)
void write(Writer& to, const Message& message)
{
    to.StartObject();
    std::apply([&](const auto&... key) { ((write_string(to, key.name), write(to, message.*key.member)), ...); },
               keys<Message>);
    to.EndObject();
}

template <class Item>
void write(Writer& to, const std::vector<Item>& items)
{
    to.StartArray();
    for (const Item& item : items) write(to, item);
    to.EndArray();
}

std::string_view text_of(const Value& value)
{
    return {value.GetString(), value.GetStringLength()};
}

bool read(const Value& from, bool& value)
{
    if (from.IsBool()) value = from.GetBool();
    return from.IsBool();
}

bool read(const Value& from, std::uint32_t& value)
{
    if (from.IsUint()) value = from.GetUint();
    return from.IsUint();
}

bool read(const Value& from, std::uint64_t& value)
{
    if (from.IsUint64()) value = from.GetUint64();
    return from.IsUint64();
}

bool read(const Value& from, std::int64_t& value)
{
    if (from.IsInt64()) value = from.GetInt64();
    return from.IsInt64();
}

bool read(const Value& from, std::string& bytes)
{
    if (from.IsString()) {
        bytes = text_of(from);
        return true;
    }
    if (!from.IsObject() || from.MemberCount() != 1) return false;
    const auto member = from.MemberBegin();
    return text_of(member->name) == "base64" && member->value.IsString() && from_base64(text_of(member->value), bytes);
}

template <class Enum>
    requires std::is_enum_v<Enum>
bool read(const Value& from, Enum& value)
{
    if (!from.IsString()) return false;
    for (std::size_t i = 0; i < names<Enum>.size(); ++i) {
        if (names<Enum>[i] != text_of(from)) continue;
        value = static_cast<Enum>(i);
        return true;
    }
    return false;
}

template <class Item>
bool read(const Value& from, std::vector<Item>& items);

template <class Message>
    requires(!std::same_as<decltype(keys<Message>), const std::nullptr_t>)
bool read(const Value& from, Message& message)
{
    if (!from.IsObject()) return false;
    rapidjson::SizeType known = 0;
    const auto read_key = [&](const auto& key) {
        const Value name(rapidjson::StringRef(key.name.data(), key.name.size()));
        const auto at = from.FindMember(name);
        if (at == from.MemberEnd()) return true;
        ++known;
        return read(at->value, message.*key.member);
    };
    const bool well_formed = std::apply([&](const auto&... key) { return (read_key(key) && ...); }, keys<Message>);
    return well_formed && known == from.MemberCount();  // neither unknown keys nor doubled ones
}

template <class Item>
bool read(const Value& from, std::vector<Item>& items)
{
    if (!from.IsArray()) return false;
    items.clear();
    for (const Value& value : from.GetArray()) {
        items.emplace_back();
        if (!read(value, items.back())) return false;
    }
    return true;
}

}  // namespace

template <class Message>
std::string encode(const Message& message)
{
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    write(writer, message);
    return {buffer.GetString(), buffer.GetSize()};
}

template <class Message>
const char* decode(std::string_view json, Message& message)
{
    // Iterative: nesting must not become recursion.
    constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    // Enough for all but the longest messages: decoding one takes no memory from the heap.
    char values[8'192];
    char stack[2'048];
    rapidjson::MemoryPoolAllocator<> value_pool(values, sizeof values);
    rapidjson::MemoryPoolAllocator<> stack_pool(stack, sizeof stack);
    rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>, rapidjson::MemoryPoolAllocator<>>
        document(&value_pool, sizeof stack / 2, &stack_pool);
    document.Parse<flags>(json.data(), json.size());
    if (document.HasParseError()) return "not JSON";
    message = {};
    return read(document, message) ? nullptr : "not the message that its type says";
}

template std::string encode(const Nothing&);
template const char* decode(std::string_view, Nothing&);
template std::string encode(const Hello&);
template const char* decode(std::string_view, Hello&);
template std::string encode(const Claim&);
template const char* decode(std::string_view, Claim&);
template std::string encode(const Ping&);
template const char* decode(std::string_view, Ping&);
template std::string encode(const Lease&);
template const char* decode(std::string_view, Lease&);
template std::string encode(const Spawn&);
template const char* decode(std::string_view, Spawn&);
template std::string encode(const Resize&);
template const char* decode(std::string_view, Resize&);
template std::string encode(const Signal&);
template const char* decode(std::string_view, Signal&);
template std::string encode(const Exit&);
template const char* decode(std::string_view, Exit&);
template std::string encode(const Started&);
template const char* decode(std::string_view, Started&);
template std::string encode(const Processes&);
template const char* decode(std::string_view, Processes&);
template std::string encode(const ProcessList&);
template const char* decode(std::string_view, ProcessList&);
template std::string encode(const Attach&);
template const char* decode(std::string_view, Attach&);
template std::string encode(const Attached&);
template const char* decode(std::string_view, Attached&);
template std::string encode(const Measure&);
template const char* decode(std::string_view, Measure&);
template std::string encode(const Reset&);
template const char* decode(std::string_view, Reset&);
template std::string encode(const Measured&);
template const char* decode(std::string_view, Measured&);
template std::string encode(const Credit&);
template const char* decode(std::string_view, Credit&);
template std::string encode(const Reply&);
template const char* decode(std::string_view, Reply&);
template std::string encode(const Failure&);
template const char* decode(std::string_view, Failure&);
template std::string encode(const Entries&);
template const char* decode(std::string_view, Entries&);
template std::string encode(const Stat&);
template const char* decode(std::string_view, Stat&);
template std::string encode(const List&);
template const char* decode(std::string_view, List&);
template std::string encode(const Read&);
template const char* decode(std::string_view, Read&);
template std::string encode(const Write&);
template const char* decode(std::string_view, Write&);
template std::string encode(const Mkdir&);
template const char* decode(std::string_view, Mkdir&);
template std::string encode(const Move&);
template const char* decode(std::string_view, Move&);
template std::string encode(const Remove&);
template const char* decode(std::string_view, Remove&);
template std::string encode(const Watch&);
template const char* decode(std::string_view, Watch&);
template std::string encode(const Changed&);
template const char* decode(std::string_view, Changed&);
template std::string encode(const TarIn&);
template const char* decode(std::string_view, TarIn&);
template std::string encode(const TarOut&);
template const char* decode(std::string_view, TarOut&);
template std::string encode(const Connect&);
template const char* decode(std::string_view, Connect&);
template std::string encode(const Proxy&);
template const char* decode(std::string_view, Proxy&);
template std::string encode(const Egress&);
template const char* decode(std::string_view, Egress&);
template std::string encode(const NameRefused&);
template const char* decode(std::string_view, NameRefused&);
template std::string encode(const ChangeEgress&);
template const char* decode(std::string_view, ChangeEgress&);
template std::string encode(const Turn&);
template const char* decode(std::string_view, Turn&);

}  // namespace sbx::wire
