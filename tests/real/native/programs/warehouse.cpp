// A warehouse in memory: a cache with a limit, a hash table, matrices, a pool of threads, text parsing. Each part is
// tested; then they work together. Prints one line a test and ends with 1 if any failed.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <ranges>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace warehouse {

/// Open addressing with linear probing and backward-shift deletion.
template <std::equality_comparable Key, std::movable Value, class Hash = std::hash<Key>>
class HashTable {
   public:
    HashTable() : slots_(8) {}

    Value& operator[](const Key& key)
    {
        if ((size_ + 1) * 4 > slots_.size() * 3) grow();
        std::size_t at = slot_of(key);
        if (!slots_[at]) {
            slots_[at].emplace(key, Value{});
            ++size_;
        }
        return slots_[at]->second;
    }

    const Value* find(const Key& key) const
    {
        const std::size_t at = slot_of(key);
        return slots_[at] ? &slots_[at]->second : nullptr;
    }

    bool erase(const Key& key)
    {
        std::size_t hole = slot_of(key);
        if (!slots_[hole]) return false;
        slots_[hole].reset();
        --size_;
        for (std::size_t at = next(hole); slots_[at]; at = next(at)) {
            const std::size_t home = Hash{}(slots_[at]->first) % slots_.size();
            const bool stays = hole < at ? hole < home && home <= at : home <= at || hole < home;
            if (stays) continue;
            slots_[hole] = std::move(slots_[at]);
            slots_[at].reset();
            hole = at;
        }
        return true;
    }

    std::size_t size() const { return size_; }

   private:
    std::size_t next(std::size_t at) const { return (at + 1) % slots_.size(); }

    std::size_t slot_of(const Key& key) const
    {
        std::size_t at = Hash{}(key) % slots_.size();
        while (slots_[at] && !(slots_[at]->first == key)) at = next(at);
        return at;
    }

    void grow()
    {
        auto old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
        for (Slot& slot : old)
            if (slot) slots_[slot_of(slot->first)] = std::move(slot);
    }

    using Slot = std::optional<std::pair<Key, Value>>;
    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

/// Keeps the entries used last.
template <class Key, class Value>
class Cache {
   public:
    explicit Cache(std::size_t limit) : limit_(limit) {}

    void put(const Key& key, Value value)
    {
        if (auto known = places_.find(key); known != places_.end()) {
            entries_.erase(known->second);
        } else if (entries_.size() == limit_) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, std::move(value));
        places_[key] = entries_.begin();
    }

    std::optional<Value> get(const Key& key)
    {
        const auto known = places_.find(key);
        if (known == places_.end()) return std::nullopt;
        entries_.splice(entries_.begin(), entries_, known->second);
        return known->second->second;
    }

   private:
    std::size_t limit_;
    std::list<std::pair<Key, Value>> entries_;
    std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator> places_;
};

template <std::size_t N>
struct Matrix {
    std::array<std::array<double, N>, N> cell{};

    static Matrix identity()
    {
        Matrix result;
        for (std::size_t i = 0; i < N; ++i) result.cell[i][i] = 1;
        return result;
    }

    friend Matrix operator*(const Matrix& a, const Matrix& b)
    {
        Matrix result;
        for (std::size_t i = 0; i < N; ++i)
            for (std::size_t k = 0; k < N; ++k)
                for (std::size_t j = 0; j < N; ++j) result.cell[i][j] += a.cell[i][k] * b.cell[k][j];
        return result;
    }

    /// By Gauss-Jordan elimination with partial pivoting.
    Matrix inverse() const
    {
        Matrix left = *this, right = identity();
        for (std::size_t column = 0; column < N; ++column) {
            std::size_t pivot = column;
            for (std::size_t row = column + 1; row < N; ++row)
                if (std::abs(left.cell[row][column]) > std::abs(left.cell[pivot][column])) pivot = row;
            if (std::abs(left.cell[pivot][column]) < 1e-12) throw std::domain_error("the matrix is singular");
            std::swap(left.cell[pivot], left.cell[column]);
            std::swap(right.cell[pivot], right.cell[column]);
            const double factor = 1 / left.cell[column][column];
            for (std::size_t j = 0; j < N; ++j) left.cell[column][j] *= factor, right.cell[column][j] *= factor;
            for (std::size_t row = 0; row < N; ++row) {
                if (row == column) continue;
                const double times = left.cell[row][column];
                for (std::size_t j = 0; j < N; ++j) {
                    left.cell[row][j] -= times * left.cell[column][j];
                    right.cell[row][j] -= times * right.cell[column][j];
                }
            }
        }
        return right;
    }
};

/// A fixed number of threads that take tasks from one queue.
class ThreadPool {
   public:
    explicit ThreadPool(unsigned threads)
    {
        for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
    }

    template <std::invocable Task>
    auto submit(Task task)
    {
        auto packaged = std::make_shared<std::packaged_task<std::invoke_result_t<Task>()>>(std::move(task));
        auto result = packaged->get_future();
        {
            std::scoped_lock lock(mutex_);
            tasks_.emplace_back([packaged] { (*packaged)(); });
        }
        ready_.notify_one();
        return result;
    }

   private:
    void work(std::stop_token stop)
    {
        for (;;) {
            std::unique_lock lock(mutex_);
            if (!ready_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any ready_;
    std::deque<std::function<void()>> tasks_;
    std::vector<std::jthread> threads_;
};

struct Arrival {
    std::string part;
    int count;
};
struct Departure {
    std::string part;
    int count;
};
struct Count {
    std::string part;
};
using Event = std::variant<Arrival, Departure, Count>;

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

Event parse_event(std::string_view line)
{
    static const std::regex shape(R"(^\s*(in|out|count)\s+([a-z][\w-]*)(?:\s+(\d+))?\s*$)");
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_match(line.begin(), line.end(), match, shape))
        throw std::invalid_argument("not an event: " + std::string(line));
    std::string part = match[2].str();
    if (match[1] == "count") return Count{part};
    int count = 1;
    if (match[3].matched) {
        const std::string digits = match[3].str();
        if (std::from_chars(digits.data(), digits.data() + digits.size(), count).ec != std::errc())
            throw std::out_of_range("too many: " + digits);
    }
    if (match[1] == "in") return Arrival{part, count};
    return Departure{part, count};
}

class Stock {
   public:
    /// Returns what a count found.
    std::optional<int> apply(const Event& event)
    {
        return std::visit(Overloaded{[this](const Arrival& a) -> std::optional<int> {
                                         parts_[a.part] += a.count;
                                         return std::nullopt;
                                     },
                                     [this](const Departure& d) -> std::optional<int> {
                                         int& held = parts_[d.part];
                                         if (held < d.count) throw std::runtime_error("not enough of " + d.part);
                                         held -= d.count;
                                         return std::nullopt;
                                     },
                                     [this](const Count& c) -> std::optional<int> {
                                         const int* held = parts_.find(c.part);
                                         return held ? *held : 0;
                                     }},
                          event);
    }

   private:
    HashTable<std::string, int> parts_;
};

}  // namespace warehouse

namespace {

int failures = 0;

void check(std::string_view name, bool good)
{
    std::cout << (good ? "ok      " : "FAILED  ") << name << '\n';
    failures += !good;
}

template <class Exception>
bool throws(std::invocable auto action)
{
    try {
        action();
    } catch (const Exception&) {
        return true;
    }
    return false;
}

void check_table()
{
    warehouse::HashTable<int, std::string> table;
    std::map<int, std::string> model;
    std::mt19937 random(7);
    for (int i = 0; i < 20000; ++i) {
        const int key = static_cast<int>(random() % 500);
        if (random() % 3 == 0) {
            if (table.erase(key) != (model.erase(key) == 1))
                return check("the table forgets what the model forgets", false);
        } else {
            table[key] = model[key] = std::to_string(i);
        }
    }
    const bool same = std::ranges::all_of(model, [&](const auto& entry) {
        const std::string* found = table.find(entry.first);
        return found && *found == entry.second;
    });
    check("the table agrees with std::map after 20000 operations", same && table.size() == model.size());
}

void check_cache()
{
    warehouse::Cache<std::string, int> cache(2);
    cache.put("a", 1);
    cache.put("b", 2);
    cache.get("a");
    cache.put("c", 3);
    check("the cache forgets what was used longest ago", cache.get("a") == 1 && !cache.get("b") && cache.get("c") == 3);
}

void check_matrix()
{
    warehouse::Matrix<4> matrix{{{{0, 2, 1, 3}, {4, 1, 0, 2}, {1, 1, 5, 1}, {2, 0, 1, 7}}}};
    const auto product = matrix * matrix.inverse();
    double worst = 0;
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j) worst = std::max(worst, std::abs(product.cell[i][j] - (i == j)));
    check("a matrix times its inverse is the identity", worst < 1e-12);
    check("a singular matrix has no inverse", throws<std::domain_error>([] { warehouse::Matrix<3>{}.inverse(); }));
}

void check_threads()
{
    warehouse::ThreadPool pool(8);
    std::vector<std::future<std::uint64_t>> parts;
    for (std::uint64_t part = 0; part < 64; ++part)
        parts.push_back(pool.submit([part] {
            std::uint64_t sum = 0;
            for (auto n : std::views::iota(part * 1000, (part + 1) * 1000)) sum += n;
            return sum;
        }));
    std::uint64_t total = 0;
    for (auto& part : parts) total += part.get();
    check("eight threads add up 64000 numbers", total == 64000ull * 63999 / 2);
    auto broken = pool.submit([]() -> int { throw std::runtime_error("broken"); });
    check("a task's exception reaches who waits for it", throws<std::runtime_error>([&] { broken.get(); }));
}

void check_events(const std::filesystem::path& journal)
{
    std::ofstream(journal) << "in bolt 12\nin gear\nout bolt 5\ncount bolt\ncount nut\nin gear 2\ncount gear\n";
    warehouse::Stock stock;
    std::vector<int> counts;
    std::ifstream lines(journal);
    for (std::string line; std::getline(lines, line);)
        if (const auto count = stock.apply(warehouse::parse_event(line))) counts.push_back(*count);
    check("the journal is applied line by line", counts == std::vector{7, 0, 3});
    check("nothing leaves that is not there",
          throws<std::runtime_error>([&] { stock.apply(warehouse::parse_event("out bolt 8")); }));
    check("a wrong line is refused", throws<std::invalid_argument>([] { warehouse::parse_event("in 12 bolt"); }));
    check("a number too large is refused",
          throws<std::out_of_range>([] { warehouse::parse_event("in bolt 99999999999"); }));
    check("the journal is on disk", std::filesystem::file_size(journal) == 72 && std::filesystem::remove(journal));
}

}  // namespace

int main(int count, char** arguments)
{
    std::cout << std::setprecision(3) << "C++ " << __cplusplus << ", arguments:";
    for (int i = 1; i < count; ++i) std::cout << ' ' << std::quoted(arguments[i]);
    std::cout << '\n';
    check_table();
    check_cache();
    check_matrix();
    check_threads();
    check_events("journal.txt");
    std::cout << failures << " failures\n";
    return failures != 0;
}
