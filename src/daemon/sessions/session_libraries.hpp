#pragma once

#include "core/environment_list.hpp"
#include "core/lang/package_index.hpp"
#include "core/sandbox/condition.hpp"
#include "daemon/sandboxes/sandboxes.hpp"
#include "sbx/language.hpp"

#include <boost/describe/class.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sbx::daemon {

/// What a session has been given of libraries since it began.
struct SessionLibraries {
    std::vector<std::string> requirements;  ///< as asked for: sound, sorted, each once
    EnvironmentList variables;              ///< by which programs find them

    bool operator==(const SessionLibraries&) const = default;
};
BOOST_DESCRIBE_STRUCT(SessionLibraries, (), (requirements, variables))

/// As the session has them, by what stands beside its sandbox's record.
SessionLibraries libraries_of(const Sandboxes& sandboxes, const Living& living);

/// Why libraries are not to be had, for whoever named them.
Error library_error(const std::vector<std::string>& libraries, const Error& error);

/// Code that tells a kernel which was started before they came where they are; empty where it finds them by itself.
std::string_view announcement(const Language& language);
/// What a compiler is told of them.
std::vector<std::string> library_arguments(const Language& language, const SessionLibraries& libraries);

/// What installing takes.
struct InstallServices {
    Engine& engine;
    std::string endpoint;
    const Settings& settings;
    const Directories& own;
};

/// Installs libraries into sessions that live.
class LibraryInstaller {
   public:
    /// @param sandboxes  outlive this
    LibraryInstaller(const asio::any_io_executor& executor, InstallServices services, const Sandboxes& sandboxes)
        : services_(std::move(services)), sandboxes_(sandboxes), changed_(executor)
    {
    }

    /// Installs those that a session does not have yet, into the volume that its sandbox was made with
    /// (`SandboxOrder::grows`).
    /// @param wanted  as a caller typed them
    /// @error invalid_argument  what is no name, or is not to be had
    /// @param exchange  whose client may go away: it leaves the line then, but an install that has begun goes on
    /// @error conflict          others' installs took too long
    /// @error not_found         the sandbox has ended
    asio::awaitable<Result<void>> add(Exchange& exchange, std::shared_ptr<Living> living, const Language& language,
                                      std::vector<std::string> wanted);

   private:
    class Place;

    bool has_room(const SandboxRecord& record) const;
    /// @param is_unwanted  nobody waits for it any more
    asio::awaitable<Result<void>> add_when_free(std::shared_ptr<Living> living, const PackageIndex& index,
                                                std::vector<std::string> wanted, const bool& is_unwanted);
    asio::awaitable<Result<void>> add_in_turn(std::shared_ptr<Living> living, const PackageIndex& index,
                                              std::vector<std::string> wanted);
    asio::awaitable<Result<EnvironmentList>> fill(const Living& living, const PackageIndex& index,
                                                  std::vector<std::string> requirements) const;
    asio::awaitable<Result<void>> copy_into(const Living& living, const Mount& own, std::filesystem::path tar) const;

    InstallServices services_;
    const Sandboxes& sandboxes_;
    std::map<std::string, std::string> busy_;  ///< sandboxes that libraries come into just now, and whose they are
    Condition changed_;
};

}  // namespace sbx::daemon
