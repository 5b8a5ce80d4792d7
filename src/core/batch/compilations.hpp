#pragma once

#include "core/sandbox/condition.hpp"
#include "core/sandbox/run.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sbx::batch {

/// What names a compilation: two runs of the same key make the same product. Empty for a run that compiles nothing.
std::string compilation_key(const RunRequest& request);

/// Compilations of a batch. Of the runs with one source the first compiles, the others wait for what it makes. Only so
/// many products are kept: a run whose product has gone compiles anew.
class Compilations {
   public:
    /// @param room  of all products that are kept
    Compilations(const asio::any_io_executor& executor, std::uint64_t room) : changed_(executor), room_(room) {}

    /// What a run has to do.
    struct Turn {
        std::shared_ptr<const std::string> product;  ///< an archive below /tmp (RunRequest::product)
        std::shared_ptr<const RunResult> failure;    ///< it does not compile
        bool compiles = false;                       ///< it is the one: `made`, `failed` or `gave_up` has to follow
    };
    /// Waits while another run compiles this.
    asio::awaitable<Turn> take(std::string key);

    void made(const std::string& key, std::string product);
    void failed(const std::string& key, const RunResult& result);
    /// Nothing is known of whether it compiles; also after one of the others, where it does nothing.
    void gave_up(const std::string& key);

   private:
    struct Entry {
        std::shared_ptr<const std::string> product;
        std::shared_ptr<const RunResult> failure;
        std::uint64_t used = 0;  ///< when, in turns

        bool is_under_way() const { return !product && !failure; }
        std::uint64_t size() const;
    };

    void drop_oldest();

    Condition changed_;
    std::uint64_t room_;
    std::uint64_t kept_ = 0;
    std::uint64_t turns_ = 0;
    std::map<std::string, Entry> entries_;
};

}  // namespace sbx::batch
