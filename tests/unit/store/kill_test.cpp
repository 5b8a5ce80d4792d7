#include "core/store/execution_log.hpp"

#include <fmt/format.h>
#include "core/descriptor.hpp"

#include "scratch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using sbx::ExecutionLog;
using sbx::StoredExecution;

namespace {

StoredExecution numbered(int n)
{
    StoredExecution execution;
    execution.id = fmt::format("{:032x}", n);
    execution.created = std::chrono::milliseconds(n);
    execution.record.assign(static_cast<std::size_t>(n % 7) * 3000, 'x');
    return execution;
}

/// Stores executions until it is killed, and tells of each that is stored, by a byte.
[[noreturn]] void store_for_ever(const std::filesystem::path& path, int told)
{
    auto file = sbx::open_store_file(path, sbx::Unsound::refuse, 0);
    ExecutionLog log(file->database);
    for (int n = 0; log.insert(numbered(n)); ++n)
        if (::write(told, "", 1) != 1) break;
    ::_exit(1);
}

/// @return how many it told of before it was killed, `after` of them having been waited for
int kill_writer(const std::filesystem::path& path, int after)
{
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const sbx::Descriptor ours(ends[0]);
    sbx::Descriptor theirs(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) store_for_ever(path, theirs.get());
    theirs.reset();
    int stored = 0;
    char byte = 0;
    while (stored < after && ::read(ours.get(), &byte, 1) == 1) ++stored;
    ::kill(child, SIGKILL);
    while (::read(ours.get(), &byte, 1) == 1) ++stored;
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    return stored;
}

}  // namespace

TEST_CASE("a writer that is killed loses no row that it has committed")
{
    const int after = GENERATE(1, 2, 17, 150, 400);
    const test::TempDirectory state;
    const std::filesystem::path path = sbx::store_path(state.path());
    REQUIRE(sbx::open_store_file(path, sbx::Unsound::set_aside, 0));
    const int stored = kill_writer(path, after);
    REQUIRE(stored >= after);
    auto file = sbx::open_store_file(path, sbx::Unsound::set_aside, 0);
    REQUIRE(file);
    CHECK_FALSE(file->set_aside);
    ExecutionLog log(file->database);
    int whole = 0;
    for (int n = 0; n < stored; ++n)
        if (const auto found = log.find(numbered(n).id, std::nullopt); found && *found == numbered(n)) ++whole;
    CHECK(whole == stored);
    CHECK(*log.count({}) <= static_cast<std::uint64_t>(stored) + 1);
    auto check = file->database.prepare("PRAGMA integrity_check");
    REQUIRE(*check->step());
    CHECK(check->text(0) == "ok");
}
