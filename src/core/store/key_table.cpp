#include "core/store/key_table.hpp"

#include "core/random.hpp"
#include "core/sandbox/sandbox_record.hpp"

#include <fmt/format.h>

namespace sbx {
namespace {

/// log2(62) * 43 is just above 256 bits.
constexpr std::size_t secret_letters = 43;
constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr int most_attempts = 10;

constexpr std::string_view select_all =
    "SELECT id, name, digest, max_sandboxes, max_concurrent, created, last_used, revoked FROM keys ORDER BY created, "
    "id";
constexpr std::string_view insert_one =
    "INSERT INTO keys (id, name, digest, max_sandboxes, max_concurrent, created) VALUES (?, ?, ?, ?, ?, ?)";

std::optional<std::int64_t> wide(std::optional<std::uint32_t> value)
{
    if (!value) return std::nullopt;
    return *value;
}

std::optional<std::uint32_t> narrow(std::optional<std::int64_t> value)
{
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

/// @return nothing where the digest is none
std::optional<ApiKey> key_of_row(const Statement& row)
{
    ApiKey key;
    const std::optional<Digest> digest = digest_from_hex(row.text(2));
    if (!digest) return std::nullopt;
    key.id = row.text(0);
    key.name = row.text(1);
    key.digest = *digest;
    key.quota.max_sandboxes = narrow(row.optional_integer(3));
    key.quota.max_concurrent = narrow(row.optional_integer(4));
    key.created = row.time(5);
    key.last_used = row.optional_time(6);
    key.revoked = row.optional_time(7);
    return key;
}

}  // namespace

Result<NewApiKey> KeyTable::create(const std::string& name, KeyQuota quota, std::chrono::milliseconds now)
{
    if (!name.empty() && !is_sandbox_name(name))
        return Error(Errc::invalid_argument, fmt::format("'{}' is no name of letters, digits, '.', '_' and '-'", name));
    for (int attempt = 0;; ++attempt) {
        NewApiKey made;
        made.secret = fmt::format("sbx_{}", random_text(secret_letters, base62));
        made.key = key_of_secret(made.secret, name);
        made.key.quota = quota;
        made.key.created = now;
        const Result<std::int64_t> inserted =
            database_.execute(insert_one, made.key.id, name, to_hex(made.key.digest), wide(quota.max_sandboxes),
                              wide(quota.max_concurrent), now);
        if (inserted) return made;
        // Two digests may begin alike.
        if (inserted.error().code != Errc::conflict || attempt == most_attempts) return inserted.error();
    }
}

Result<std::vector<ApiKey>> KeyTable::list()
{
    Result<Statement> statement = database_.prepare(select_all);
    if (!statement) return statement.error();
    std::vector<ApiKey> all;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row) return row.error();
        if (!*row) return all;
        if (std::optional<ApiKey> key = key_of_row(*statement)) all.push_back(std::move(*key));
    }
}

Result<ApiKey> KeyTable::revoke(std::string_view id_or_name, std::chrono::milliseconds now)
{
    const Result<std::vector<ApiKey>> all = list();
    if (!all) return all.error();
    const ApiKey* found = nullptr;
    std::size_t named = 0;
    for (const ApiKey& key : *all)
        if (!id_or_name.empty() && key.name == id_or_name && !key.revoked) {
            found = &key;
            ++named;
        }
    if (named > 1)
        return Error(Errc::conflict, fmt::format("{} keys have the name {}", named, id_or_name), "sbx key ls");
    for (const ApiKey& key : *all)
        if (key.id == id_or_name) found = &key;
    if (found == nullptr) return Error(Errc::not_found, fmt::format("no such key: {}", id_or_name), "sbx key ls");
    ApiKey key = *found;
    if (key.revoked) return key;
    key.revoked = now;
    const Result<std::int64_t> done =
        database_.execute("UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", now, key.id);
    if (!done) return done.error();
    return key;
}

Result<void> KeyTable::touch(std::string_view id, std::chrono::milliseconds now)
{
    const Result<std::int64_t> done = database_.execute("UPDATE keys SET last_used = ? WHERE id = ?", now, id);
    if (!done) return done.error();
    return {};
}

Result<bool> KeyTable::are_required()
{
    const Result<std::int64_t> found = database_.number(
        "SELECT EXISTS (SELECT 1 FROM keys) OR EXISTS (SELECT 1 FROM facts WHERE name = 'keys_required')");
    if (!found) return found.error();
    return *found != 0;
}

Result<void> KeyTable::require()
{
    const Result<std::int64_t> done =
        database_.execute("INSERT OR REPLACE INTO facts (name, value) VALUES ('keys_required', 'yes')");
    if (!done) return done.error();
    return {};
}

Result<std::optional<KeySnapshot>> KeyTable::snapshot(std::optional<std::int64_t> known)
{
    const Result<std::int64_t> version = database_.data_version();  // first: what is written later is seen next time
    if (!version) return version.error();
    if (known == *version) return std::optional<KeySnapshot>();
    Result<std::vector<ApiKey>> all = list();
    if (!all) return all.error();
    const Result<bool> required = are_required();
    if (!required) return required.error();
    KeySnapshot now;
    now.ring = KeyRing(std::move(*all));
    now.are_required = *required;
    now.version = *version;
    return std::optional<KeySnapshot>(std::move(now));
}

}  // namespace sbx
