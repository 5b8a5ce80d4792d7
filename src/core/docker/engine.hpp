#pragma once

#include "core/docker/attach_channel.hpp"
#include "core/docker/client.hpp"
#include "sbx/engine.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sbx::docker {

/// The Docker Engine API behind the neutral interface. One thread; outlives what it launched.
class Engine final : public sbx::Engine {
   public:
    Engine(asio::any_io_executor executor, Endpoint endpoint, std::filesystem::path config_directory, Trace trace);

    asio::awaitable<Result<EngineInfo>> probe() override;
    asio::awaitable<Result<ImageInfo>> prepare(std::string image, PullPolicy policy, ProgressSink progress) override;

    asio::awaitable<Result<void>> fill_volume(std::string name, std::map<std::string, std::string> labels,
                                              std::vector<VolumeFile> files, std::string image, bool refill) override;
    asio::awaitable<Result<std::vector<VolumeInfo>>> volumes(std::string label) override;
    asio::awaitable<Result<VolumeInfo>> volume(std::string name) override;
    asio::awaitable<Result<void>> remove_volume(std::string name) override;
    asio::awaitable<Result<VolumeInfo>> import_volume(std::string name, std::map<std::string, std::string> labels,
                                                      std::filesystem::path tar, std::string image) override;
    asio::awaitable<Result<void>> export_volume(std::string name, std::filesystem::path tar,
                                                std::string image) override;

    asio::awaitable<Result<Launched>> launch(Plan plan, std::string opening) override;
    asio::awaitable<Result<std::string>> create(Plan plan) override;
    asio::awaitable<Result<void>> start(std::string id) override;
    asio::awaitable<Result<Launched>> adopt(std::string id, std::string opening) override;
    asio::awaitable<Result<std::unique_ptr<Channel>>> reconnect(std::string id) override;
    asio::awaitable<Result<std::unique_ptr<Channel>>> bridge(std::string id) override;
    asio::awaitable<Result<Ending>> wait(std::string id) override;
    asio::awaitable<Result<void>> pause(std::string id) override;
    asio::awaitable<Result<void>> resume(std::string id) override;
    asio::awaitable<Result<void>> kill(std::string id) override;
    asio::awaitable<Result<void>> remove(std::string id) override;
    asio::awaitable<Result<std::vector<SandboxInfo>>> list(std::string label) override;
    asio::awaitable<Result<std::vector<EngineEvent>>> events(std::string id,
                                                             std::chrono::system_clock::time_point since) override;

    asio::awaitable<Result<std::vector<ImageInfo>>> images() override;
    asio::awaitable<Result<ImageInfo>> image(std::string reference) override;
    asio::awaitable<Result<void>> pull(std::string reference, ProgressSink progress) override;
    asio::awaitable<Result<void>> build(std::string context, std::string tag,
                                        std::map<std::string, std::string> arguments, ProgressSink progress) override;
    asio::awaitable<Result<void>> import_image(std::string tar_path, std::string reference) override;
    asio::awaitable<Result<void>> tag_image(std::string source, std::string target) override;
    asio::awaitable<Result<void>> remove_image(std::string reference) override;

   private:
    class ContainerLife;
    struct Streams;

    asio::awaitable<Result<bool>> has_cgroup_v2();
    asio::awaitable<Result<std::string>> create_named(std::string name, nlohmann::json config);
    asio::awaitable<Result<std::shared_ptr<Exchange>>> send_attach(std::string id);
    /// Takes the attach's answer, and with it the connection as a stream.
    asio::awaitable<Result<std::shared_ptr<Attachment>>> hijack(std::string id, std::shared_ptr<Exchange> attaching);
    asio::awaitable<Result<Launched>> bring_up(std::string id, std::string opening);
    /// The same by the agent's own socket, where this process can reach it.
    asio::awaitable<Result<Launched>> bring_up_directly(std::string id, std::string opening);
    bool may_be_direct() const;
    /// The agent's own socket.
    /// @return nullptr  it cannot be reached from here
    asio::awaitable<std::unique_ptr<Channel>> direct_channel(std::string id);
    asio::awaitable<Result<Streams>> open_streams(std::string id, std::string_view first);
    Launched launched(std::string id, Streams streams, std::shared_ptr<Exchange> starting, std::string rest);
    asio::awaitable<Result<void>> await_start(std::string id, std::shared_ptr<Exchange> starting);
    asio::awaitable<Result<Ending>> await_ending(std::string id, std::shared_ptr<Exchange> waiting,
                                                 std::shared_ptr<Attachment> attachment);
    /// Of a container that is gone already, as far as the engine's events still tell.
    asio::awaitable<Result<Ending>> past_ending(std::string id);
    /// Events of `id` until its `die`, or until nothing more is to be expected.
    asio::awaitable<Result<std::vector<EngineEvent>>> last_events(std::string id);
    void end_channels(const std::string& id);

    asio::awaitable<Result<VolumeInfo>> make_volume(std::string name, std::map<std::string, std::string> labels);
    using CarrierWork = std::function<asio::awaitable<Result<void>>(std::string carrier)>;
    /// Does something with a volume's content: makes a container that is never started, with the volume at /.sbx, and
    /// removes it when `work` is done, whatever became of it.
    asio::awaitable<Result<void>> with_carrier(std::string volume, std::map<std::string, std::string> labels,
                                               std::string image, CarrierWork work);
    asio::awaitable<Result<void>> pack_to_host(std::string carrier, std::filesystem::path tar);
    asio::awaitable<Result<void>> unpack_from_host(std::string carrier, std::filesystem::path tar);
    asio::awaitable<Result<void>> carry(std::string carrier, std::vector<VolumeFile> files, bool refill);
    asio::awaitable<Result<void>> put_files(std::string carrier, std::vector<VolumeFile> files);
    asio::awaitable<Result<bool>> holds(std::string carrier, std::vector<VolumeFile> files);

    /// Reads a stream of JSON objects to its end.
    asio::awaitable<Result<void>> follow(std::shared_ptr<Exchange> exchange, ProgressSink progress);

    Client client_;
    std::filesystem::path config_directory_;
    std::optional<bool> cgroup_v2_;
    std::multimap<std::string, std::weak_ptr<Attachment>> attached_;
};

/// An engine at `endpoint`; connects at its first call.
/// @param config_directory  Docker's own, for the credentials of registries
/// @param trace             told of every call; may be empty
Result<std::unique_ptr<sbx::Engine>> make_engine(asio::any_io_executor executor, Endpoint endpoint,
                                                 std::filesystem::path config_directory, Trace trace);

}  // namespace sbx::docker
