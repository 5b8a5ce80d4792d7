#include "core/lang/words.hpp"
#include "daemon/dialects/native/native.hpp"
#include "sbx/own_image.hpp"
#include "sbx/version.hpp"

namespace sbx::daemon::native {
// Types that requests and answers are made of: they have names for templates of other files.

struct Health {
    std::string status = "ok";
};
BOOST_DESCRIBE_STRUCT(Health, (), (status))

/// Whether a run would work now.
struct Readiness {
    bool ready = false;
    bool engine = false;
    StoreHealth store = StoreHealth::good;
    std::uint64_t pool = 0;        ///< sandboxes that wait
    std::uint64_t sandboxes = 0;   ///< that live
    std::uint64_t executions = 0;  ///< under way
    std::uint64_t waiting = 0;     ///< executions that wait for their turn
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (ready, engine, store, pool, sandboxes, executions, waiting))

struct Version {
    std::string version;
    std::string images;
    std::string engine;  ///< name and version
};
BOOST_DESCRIBE_STRUCT(Version, (), (version, images, engine))

struct LanguageView {
    std::string name;
    std::vector<std::string> aliases;
    bool compiled = false;
    bool kernel = false;
};
BOOST_DESCRIBE_STRUCT(LanguageView, (), (name, aliases, compiled, kernel))

struct LanguageList {
    std::vector<LanguageView> languages;
};
BOOST_DESCRIBE_STRUCT(LanguageList, (), (languages))

struct ImageView {
    std::string name;  ///< as `image` of a request takes it
    std::string language;
};
BOOST_DESCRIBE_STRUCT(ImageView, (), (name, language))

struct ImageList {
    std::vector<ImageView> images;
};
BOOST_DESCRIBE_STRUCT(ImageList, (), (images))

struct PoolKind {
    std::string language;
    std::string image;
    std::uint64_t ready = 0;
    std::uint64_t wanted = 0;
    std::uint64_t claimed = 0;
    std::uint64_t missed = 0;
};
BOOST_DESCRIBE_STRUCT(PoolKind, (), (language, image, ready, wanted, claimed, missed))

struct PoolView {
    std::vector<PoolKind> kinds;
};
BOOST_DESCRIBE_STRUCT(PoolView, (), (kinds))

namespace {

/// What can be asked of the daemon itself.
class SystemRoutes {
   public:
    explicit SystemRoutes(Services& services) : services_(services) {}

    static asio::awaitable<Result<Health>> health(Call& /*call*/, Nothing /*request*/) { co_return Health(); }

    asio::awaitable<Result<Readiness>> ready(Call& /*call*/, Nothing /*request*/) const
    {
        Readiness readiness;
        const Result<EngineInfo> engine = co_await services_.engine.probe();
        readiness.engine = static_cast<bool>(engine);
        readiness.store = services_.store.health();
        readiness.pool = services_.pool.ready();
        readiness.sandboxes = services_.sandboxes.count();
        readiness.executions = services_.executions.all().size();
        readiness.waiting = services_.admission.waiting();
        readiness.ready = readiness.engine && readiness.store == StoreHealth::good;
        if (!engine) co_return Error(Errc::unavailable, "the engine does not answer", "sbx doctor");
        co_return readiness;
    }

    asio::awaitable<Result<Version>> version(Call& /*call*/, Nothing /*request*/) const
    {
        Version version;
        version.version = sbx::version();
        version.images = image_version();
        const Result<EngineInfo> engine = co_await services_.engine.probe();
        if (engine) version.engine = fmt::format("{} {}", engine->name, engine->version);
        co_return version;
    }

    static asio::awaitable<Result<LanguageList>> languages(Call& /*call*/, Nothing /*request*/)
    {
        LanguageList list;
        for (const Language& language : sbx::languages()) {
            LanguageView& view = list.languages.emplace_back();
            view.name = language.name;
            for (const std::string_view alias : words(language.aliases)) view.aliases.emplace_back(alias);
            view.compiled = !language.compile.empty();
            view.kernel = !language.kernel.empty();
        }
        co_return list;
    }

    static asio::awaitable<Result<ImageList>> images(Call& /*call*/, Nothing /*request*/)
    {
        ImageList list;
        for (const OwnImage& image : own_images()) {
            ImageView& view = list.images.emplace_back();
            view.name = image.name;
            view.language = image.language;
        }
        co_return list;
    }

    asio::awaitable<Result<PoolView>> pool(Call& /*call*/, Nothing /*request*/) const
    {
        PoolView view;
        for (Pool::Kind& kind : services_.pool.kinds()) {
            PoolKind& shown = view.kinds.emplace_back();
            shown.language = std::move(kind.description);
            shown.image = std::move(kind.image);
            shown.ready = kind.ready;
            shown.wanted = kind.wanted;
            shown.claimed = kind.claimed;
            shown.missed = kind.missed;
        }
        co_return view;
    }

   private:
    Services& services_;
};

}  // namespace

void add_system_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<SystemRoutes>(services);
    routes
        .add<Nothing, Health>(http::verb::get, "/health", {.summary = "Whether the daemon answers", .tag = "system"},
                              [](Call& call, Nothing request) { return SystemRoutes::health(call, request); })
        .open = true;
    routes.add<Nothing, Readiness>(
        http::verb::get, "/v1/ready",
        {.summary = "Whether a run would work now", .tag = "system", .errors = {Errc::unavailable}},
        [subject](Call& call, Nothing request) { return subject->ready(call, request); });
    routes.add<Nothing, Version>(http::verb::get, "/v1/version", {.summary = "Versions", .tag = "system"},
                                 [subject](Call& call, Nothing request) { return subject->version(call, request); });
    routes.add<Nothing, LanguageList>(
        http::verb::get, "/v1/languages", {.summary = "The languages that there are", .tag = "system"},
        [](Call& call, Nothing request) { return SystemRoutes::languages(call, request); });
    routes.add<Nothing, ImageList>(http::verb::get, "/v1/images",
                                   {.summary = "The images that a request may name", .tag = "system"},
                                   [](Call& call, Nothing request) { return SystemRoutes::images(call, request); });
    routes.add<Nothing, PoolView>(http::verb::get, "/v1/pool",
                                  {.summary = "The sandboxes that wait for a run", .tag = "system"},
                                  [subject](Call& call, Nothing request) { return subject->pool(call, request); });
}

}  // namespace sbx::daemon::native
