// What a page of stored executions costs among few and among many, interleaved.
//
// usage: bench_store [ROUNDS]
#include "core/store/execution_log.hpp"
#include "core/store/store_file.hpp"

#include "temp_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>

namespace {

using Clock = std::chrono::steady_clock;

double microseconds(const std::function<void()>& work)
{
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// A store with that many executions.
struct Filled {
    explicit Filled(int rows)
        : file(std::move(*sbx::open_store_file(sbx::store_path(directory.path()), sbx::Unsound::refuse, 0)))
    {
        for (int n = 0; n < rows; ++n) {
            sbx::StoredExecution execution;
            execution.id = fmt::format("{:032x}", n);
            execution.owner = "0123abcd";
            execution.language = n % 10 == 0 ? "bash" : "python";
            execution.state = sbx::ExecutionState::ended;
            execution.created = std::chrono::milliseconds(n);
            execution.record.assign(2000, 'x');
            insert.push_back(microseconds([&] { static_cast<void>(log.insert(execution)); }));
        }
    }

    test::TempDirectory directory;
    sbx::StoreFile file;
    sbx::ExecutionLog log{file.database};
    std::vector<double> insert;
    std::vector<double> first;
    std::vector<double> middle;
    std::vector<double> filtered;
};

void measure(Filled& store, int rows)
{
    sbx::ExecutionQuery query;
    query.owner = "0123abcd";
    query.limit = 10;
    const auto list = [&] { static_cast<void>(store.log.list(query)); };
    store.first.push_back(microseconds(list));
    query.cursor = fmt::format("{:016x}{:032x}", rows / 2 + 10, 0);
    store.middle.push_back(microseconds(list));
    query.cursor.clear();
    query.language = "python";
    store.filtered.push_back(microseconds(list));
}

}  // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 500;
    constexpr std::array counts{20, 10'000};
    Filled few(counts[0]);
    Filled many(counts[1]);
    for (int round = 0; round < rounds; ++round) {
        measure(few, counts[0]);
        measure(many, counts[1]);
    }
    fmt::print("{:>10} {:>12} {:>12} {:>12} {:>12}   us, medians of {} rounds\n", "rows", "insert", "first page",
               "middle page", "filtered", rounds);
    for (const auto& [store, rows] : {std::pair(&few, counts[0]), std::pair(&many, counts[1])})
        fmt::print("{:>10} {:>12.1f} {:>12.1f} {:>12.1f} {:>12.1f}\n", rows, median(store->insert),
                   median(store->first), median(store->middle), median(store->filtered));
}
