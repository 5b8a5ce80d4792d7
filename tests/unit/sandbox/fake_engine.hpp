#pragma once

#include "sbx/engine.hpp"

namespace test {

/// An engine that can do nothing; a test overrides what it needs.
class FakeEngine : public sbx::Engine {
   public:
    template <class T>
    using Answer = boost::asio::awaitable<sbx::Result<T>>;
    using TimePoint = std::chrono::system_clock::time_point;

    Answer<sbx::EngineInfo> probe() override { co_return none_; }
    Answer<sbx::ImageInfo> prepare(std::string, sbx::PullPolicy, sbx::ProgressSink) override { co_return none_; }
    Answer<void> fill_volume(std::string, std::map<std::string, std::string>, std::vector<sbx::VolumeFile>, std::string,
                             bool) override
    {
        co_return none_;
    }
    Answer<std::vector<sbx::VolumeInfo>> volumes(std::string) override { co_return none_; }
    Answer<sbx::VolumeInfo> volume(std::string) override { co_return none_; }
    Answer<void> remove_volume(std::string) override { co_return none_; }
    Answer<sbx::VolumeInfo> import_volume(std::string, std::map<std::string, std::string>, std::filesystem::path,
                                          std::string) override
    {
        co_return none_;
    }
    Answer<void> export_volume(std::string, std::filesystem::path, std::string) override { co_return none_; }
    Answer<sbx::Launched> launch(sbx::Plan, std::string) override { co_return none_; }
    Answer<std::string> create(sbx::Plan) override { co_return none_; }
    Answer<void> start(std::string) override { co_return none_; }
    Answer<sbx::Launched> adopt(std::string, std::string) override { co_return none_; }
    Answer<std::unique_ptr<sbx::Channel>> reconnect(std::string) override { co_return none_; }
    Answer<std::unique_ptr<sbx::Channel>> bridge(std::string) override { co_return none_; }
    Answer<sbx::Ending> wait(std::string) override { co_return none_; }
    Answer<void> pause(std::string) override { co_return none_; }
    Answer<void> resume(std::string) override { co_return none_; }
    Answer<void> kill(std::string) override { co_return none_; }
    Answer<void> remove(std::string) override { co_return none_; }
    Answer<std::vector<sbx::SandboxInfo>> list(std::string) override { co_return none_; }
    Answer<std::vector<sbx::EngineEvent>> events(std::string, TimePoint) override { co_return none_; }
    Answer<std::vector<sbx::ImageInfo>> images() override { co_return none_; }
    Answer<sbx::ImageInfo> image(std::string) override { co_return none_; }
    Answer<void> pull(std::string, sbx::ProgressSink) override { co_return none_; }
    Answer<void> build(std::string, std::string, std::map<std::string, std::string>, sbx::ProgressSink) override
    {
        co_return none_;
    }
    Answer<void> import_image(std::string, std::string) override { co_return none_; }
    Answer<void> tag_image(std::string, std::string) override { co_return none_; }
    Answer<void> remove_image(std::string) override { co_return none_; }

   private:
    sbx::Error none_{sbx::Errc::not_implemented, "a fake engine"};
};

}  // namespace test
