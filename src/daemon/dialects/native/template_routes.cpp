#include "daemon/dialects/native/native.hpp"

namespace sbx::daemon::native {
// Types that requests and answers are made of: they have names for templates of other files.

struct TemplateRequest {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(TemplateRequest, (), (name))

/// What a template says, in the words of requests. Values of variables and the command are not shown, though whoever
/// may name a template can read them in its sandboxes.
struct TemplateView {
    std::string name;
    bool usable = true;  ///< whether its file can be read
    std::optional<std::string> language;
    std::optional<std::string> image;
    std::optional<std::string> directory;
    std::vector<std::string> allow;
    bool full_network = false;
    std::vector<std::string> libraries;
    std::vector<std::string> preload;
    LimitsWish limits;
    std::vector<std::string> env;  ///< names alone
    std::map<std::string, std::string> labels;
    bool starts = false;  ///< a sandbox of it begins with a command
};
BOOST_DESCRIBE_STRUCT(TemplateView, (),
                      (name, usable, language, image, directory, allow, full_network, libraries, preload, limits, env,
                       labels, starts))

struct TemplateList {
    std::vector<TemplateView> templates;
};
BOOST_DESCRIBE_STRUCT(TemplateList, (), (templates))

namespace {

std::optional<std::string> if_said(const std::string& text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

TemplateView view_of(const std::string& name, const Template& from)
{
    TemplateView view;
    view.name = name;
    view.language = if_said(from.language);
    view.image = if_said(from.image);
    view.directory = if_said(from.directory);
    view.allow = from.allow;
    view.full_network = from.network == "full";
    view.libraries = from.libraries;
    view.preload = from.preload;
    view.limits = limits_of(from);
    for (const auto& [variable, value] : from.variables) view.env.push_back(variable);
    view.labels = from.labels;
    view.starts = !from.start.empty();
    return view;
}

/// The operator's templates over HTTP.
class TemplateRoutes {
   public:
    explicit TemplateRoutes(Services& services) : services_(services) {}

    asio::awaitable<Result<TemplateList>> list(Call& /*call*/, Nothing /*request*/) const
    {
        TemplateList list;
        const Result<std::vector<NamedTemplate>> all = co_await services_.templates.list();
        if (!all) co_return all.error();
        for (const NamedTemplate& each : *all) {
            list.templates.push_back(view_of(each.name, each.found ? *each.found : Template()));
            list.templates.back().usable = each.found.has_value();
        }
        co_return list;
    }

    asio::awaitable<Result<TemplateView>> get(Call& /*call*/, TemplateRequest request) const
    {
        const Result<Template> found = co_await services_.templates.find(request.name);
        if (!found) co_return found.error();
        co_return view_of(request.name, *found);
    }

   private:
    Services& services_;
};

}  // namespace

void add_template_routes(Routes& routes, Services& services)
{
    const auto subject = std::make_shared<TemplateRoutes>(services);
    routes.add<Nothing, TemplateList>(
        http::verb::get, "/v1/templates",
        {.summary = "The templates that a request may name",
         .tag = "templates",
         .description = "What each says, in the words of requests: of its variables the names, and whether there is a "
                        "command that a sandbox begins with."},
        [subject](Call& call, Nothing request) { return subject->list(call, request); });
    routes.add<TemplateRequest, TemplateView>(
        http::verb::get, "/v1/templates/{name}",
        {.summary = "Show one template", .tag = "templates", .errors = {Errc::not_found, Errc::unavailable}},
        [subject](Call& call, TemplateRequest request) { return subject->get(call, std::move(request)); });
}

}  // namespace sbx::daemon::native
