#include "core/store/execution_log.hpp"

#include "scratch.hpp"

#include <fmt/format.h>

#include <set>

using sbx::Errc;
using sbx::ExecutionLog;
using sbx::ExecutionPage;
using sbx::ExecutionQuery;
using sbx::ExecutionState;
using sbx::StoredExecution;
using std::chrono::milliseconds;

namespace {

StoredExecution numbered(int n)
{
    StoredExecution execution;
    execution.id = fmt::format("{:032x}", n);
    execution.owner = "0123abcd";
    execution.language = "python";
    execution.dialect = "native";
    execution.created = milliseconds(1'000 + n);
    return execution;
}

StoredExecution ended(int n)
{
    StoredExecution execution = numbered(n);
    execution.state = ExecutionState::ended;
    execution.reason = sbx::Reason::exited;
    execution.exit_code = 0;
    return execution;
}

ExecutionQuery of_owner(std::size_t limit)
{
    ExecutionQuery query;
    query.owner = "0123abcd";
    query.limit = limit;
    return query;
}

std::vector<std::string> ids(const ExecutionPage& page)
{
    std::vector<std::string> all;
    for (const StoredExecution& each : page.executions) all.push_back(each.id);
    return all;
}

}  // namespace

TEST_CASE("an execution is found as it was stored, and as it was changed")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    StoredExecution execution = numbered(1);
    REQUIRE(log.insert(execution));
    CHECK(*log.find(execution.id, execution.owner) == execution);
    execution.state = ExecutionState::ended;
    execution.reason = sbx::Reason::oom;
    execution.exit_code = 137;
    execution.sandbox = "abc";
    execution.started = milliseconds(1'002);
    execution.ended = milliseconds(2'000);
    execution.record = R"({"stdout":"a\u0000b"})";
    execution.extra = std::string("with\0zero", 9);
    REQUIRE(log.update(execution));
    CHECK(*log.find(execution.id, execution.owner) == execution);
    CHECK(log.insert(execution).error().code == Errc::conflict);
    CHECK(log.update(numbered(2)).error().code == Errc::not_found);
}

TEST_CASE("another key's execution does not exist")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    StoredExecution execution = numbered(1);
    REQUIRE(log.insert(execution));
    CHECK(log.find(execution.id, "ffffffff").error().code == Errc::not_found);
    CHECK(log.find(execution.id, "").error().code == Errc::not_found);
    CHECK(log.remove(execution.id, "ffffffff").error().code == Errc::not_found);
    StoredExecution stolen = execution;
    stolen.owner = "ffffffff";
    CHECK(log.update(stolen).error().code == Errc::not_found);
    CHECK(log.find(execution.id, std::nullopt));
    REQUIRE(log.remove(execution.id, execution.owner));
    CHECK(log.find(execution.id, std::nullopt).error().code == Errc::not_found);
}

TEST_CASE("texts beyond their bounds are refused")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    StoredExecution execution = numbered(1);
    execution.extra.assign(ExecutionLog::most_extra_bytes + 1, 'x');
    CHECK(log.insert(execution).error().code == Errc::too_large);
    execution.extra.clear();
    execution.record.assign(ExecutionLog::most_record_bytes + 1, 'x');
    CHECK(log.insert(execution).error().code == Errc::too_large);
    CHECK(log.update(execution).error().code == Errc::too_large);
}

TEST_CASE("pages hold every execution once, newest first, also those of one millisecond")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 50; ++n) {
        StoredExecution execution = numbered(n);
        execution.created = milliseconds(1'000 + n / 10);
        REQUIRE(log.insert(execution));
    }
    ExecutionQuery query = of_owner(7);
    std::vector<std::string> seen;
    do {
        const auto page = log.list(query);
        REQUIRE(page);
        CHECK(page->executions.size() <= 7);
        for (const std::string& id : ids(*page)) seen.push_back(id);
        query.cursor = page->next;
    } while (!query.cursor.empty());
    REQUIRE(seen.size() == 50);
    for (int n = 0; n < 50; ++n) CHECK(seen[static_cast<std::size_t>(n)] == numbered(49 - n).id);
    CHECK(*log.count(query) == 50);
}

TEST_CASE("the newest can be passed over")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 5; ++n) REQUIRE(log.insert(ended(n)));
    ExecutionQuery query = of_owner(2);
    query.offset = 2;
    const auto page = log.list(query);
    REQUIRE(page);
    CHECK(ids(*page) == std::vector{numbered(2).id, numbered(1).id});
    query.offset = 9;
    CHECK(log.list(query)->executions.empty());
    CHECK(*log.count(query) == 5);
}

TEST_CASE("what comes in or goes while a client turns pages neither hides nor repeats others")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 20; ++n) REQUIRE(log.insert(numbered(n)));
    ExecutionQuery query = of_owner(5);
    std::vector<std::string> seen;
    for (int turn = 0;; ++turn) {
        const auto page = log.list(query);
        REQUIRE(page);
        for (const std::string& id : ids(*page)) seen.push_back(id);
        if (page->next.empty()) break;
        query.cursor = page->next;
        REQUIRE(log.insert(numbered(100 + turn)));
        REQUIRE(log.remove(seen.back(), std::nullopt));  // the very one that the cursor names
    }
    REQUIRE(seen.size() == 20);
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 20);
}

TEST_CASE("lists are filtered, and belong to their owner")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    StoredExecution other = numbered(1);
    other.owner = "";
    StoredExecution bash = ended(2);
    bash.language = "bash";
    StoredExecution boxed = numbered(3);
    boxed.sandbox = "box";
    boxed.dialect = "e2b";
    for (const StoredExecution& each : {other, bash, boxed}) REQUIRE(log.insert(each));
    CHECK(ids(*log.list(of_owner(10))) == std::vector{boxed.id, bash.id});
    ExecutionQuery query = of_owner(10);
    query.language = "bash";
    query.state = ExecutionState::ended;
    CHECK(ids(*log.list(query)) == std::vector{bash.id});
    CHECK(*log.count(query) == 1);
    query.state = ExecutionState::queued;
    CHECK(log.list(query)->executions.empty());
    query = of_owner(10);
    query.sandbox = "box";
    query.dialect = "e2b";
    CHECK(ids(*log.list(query)) == std::vector{boxed.id});
    CHECK(ids(*log.list(ExecutionQuery())) == std::vector{boxed.id, bash.id, other.id});
    query = ExecutionQuery();
    query.owner = "";
    CHECK(ids(*log.list(query)) == std::vector{other.id});
}

TEST_CASE("records come with a list only when they are asked for, and bound its size")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 5; ++n) {
        StoredExecution execution = ended(n);
        execution.record.assign(ExecutionLog::most_page_bytes / 2, 'x');
        REQUIRE(log.insert(execution));
    }
    ExecutionQuery query = of_owner(5);
    CHECK(log.list(query)->executions.size() == 5);
    CHECK(log.list(query)->executions.front().record.empty());
    query.with_records = true;
    const auto page = log.list(query);
    REQUIRE(page);
    CHECK(page->executions.size() == 2);
    CHECK(page->executions.front().record.size() == ExecutionLog::most_page_bytes / 2);
    query.cursor = page->next;
    CHECK(ids(*log.list(query)) == std::vector{numbered(2).id, numbered(1).id});
}

TEST_CASE("what is no cursor or no length of a page is refused")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    ExecutionQuery query;
    query.cursor =
        GENERATE("x", "0123", "00000000000003e8", "zzzzzzzzzzzzzzzzabc", "' OR 1=1 --", "00000000000003E8abc");
    CHECK(log.list(query).error().code == Errc::invalid_argument);
    query.cursor = std::string(300, '0');
    CHECK(log.list(query).error().code == Errc::invalid_argument);
    query.cursor.clear();
    query.limit = GENERATE(0u, 1001u);
    CHECK(log.list(query).error().code == Errc::invalid_argument);
}

TEST_CASE("a list is read off an index, whatever it is filtered by")
{
    test::ScratchStore scratch;
    const auto [where, index] = GENERATE(table<std::string, std::string>(
        {{"owner = 'a' AND (created, id) < (1, 'x')", "executions_of_owner"},
         {"owner = 'a' AND state = 'ended' AND (created, id) < (1, 'x')", "executions_of_state"},
         {"owner = 'a' AND language = 'c'", "executions_of_language"},
         {"owner = 'a' AND dialect = 'c'", "executions_of_owner"},
         {"sandbox = 'a'", "executions_of_sandbox"},
         {"(created, id) < (1, 'x')", "executions_of_all"}}));
    auto plan = scratch.database.prepare(
        fmt::format("EXPLAIN QUERY PLAN SELECT * FROM executions WHERE {} ORDER BY created DESC, id DESC", where));
    REQUIRE(plan);
    std::string text;
    while (*plan->step()) text += plan->text(3) + "\n";
    CHECK(text.find(index) != std::string::npos);
    CHECK(text.find("TEMP B-TREE") == std::string::npos);
}

TEST_CASE("the old are forgotten, but never what is under way")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 10; ++n) REQUIRE(log.insert(n == 0 ? numbered(0) : ended(n)));
    sbx::Retention by_age;
    by_age.age = milliseconds(100);
    by_age.total_bytes = 0;
    CHECK(*log.prune(by_age, milliseconds(1'105)) == 4);
    CHECK(log.find(numbered(0).id, std::nullopt));
    CHECK(log.find(numbered(4).id, std::nullopt).error().code == Errc::not_found);
    CHECK(log.find(numbered(5).id, std::nullopt));
}

TEST_CASE("beyond a total size the oldest are forgotten, and the file shrinks")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    for (int n = 0; n < 20; ++n) {
        StoredExecution execution = ended(n);
        execution.record.assign(100'000, 'x');
        REQUIRE(log.insert(execution));
    }
    const auto pages = *scratch.database.number("PRAGMA page_count");
    sbx::Retention retention;
    retention.age = milliseconds(0);
    retention.total_bytes = 550'000;
    CHECK(*log.prune(retention, milliseconds(5'000)) == 15);
    CHECK(*log.count(ExecutionQuery()) == 5);
    CHECK(log.find(ended(15).id, std::nullopt));
    CHECK(*scratch.database.number("PRAGMA page_count") < pages / 2);
    CHECK(*log.prune(retention, milliseconds(5'000)) == 0);
}

TEST_CASE("what a killed daemon left under way has ended, lost")
{
    test::ScratchStore scratch;
    ExecutionLog log(scratch.database);
    StoredExecution running = numbered(1);
    running.state = ExecutionState::running;
    StoredExecution cancelled = numbered(3);
    cancelled.state = ExecutionState::cancelled;
    for (const StoredExecution& each : {running, numbered(2), cancelled, ended(4)}) REQUIRE(log.insert(each));
    CHECK(*log.end_lost(milliseconds(9'000)) == 2);
    const auto found = log.find(running.id, std::nullopt);
    REQUIRE(found);
    CHECK(found->state == ExecutionState::ended);
    CHECK(found->reason == sbx::Reason::lost);
    CHECK(found->ended == milliseconds(9'000));
    CHECK(*log.find(cancelled.id, std::nullopt) == cancelled);
    CHECK(*log.find(ended(4).id, std::nullopt) == ended(4));
}
