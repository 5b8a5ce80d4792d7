#include "core/lang/image_choice.hpp"

#include "sbx/own_image.hpp"

#include <fmt/format.h>

namespace sbx {
namespace {

bool is_missing(const Error& error)
{
    return error.code == Errc::image_unavailable || error.code == Errc::not_found;
}

/// @param failures  what each candidate's failure said
Error none_available(const Language& language, const ImagePreference& preference, const Error& last,
                     const std::vector<std::string>& failures)
{
    if (const OwnImage* richer = find_richer_image(preference.configured))
        return Error(Errc::image_unavailable, fmt::format("no image {}: {}", richer->name, fmt::join(failures, "; ")),
                     fmt::format("sbx image build {}", richer->name));
    if (!preference.configured.empty()) {
        return Error(Errc::image_unavailable, last.message,
                     preference.pull == PullPolicy::never ? "allow the pull with --pull missing" : last.hint);
    }
    return Error(Errc::image_unavailable, fmt::format("no image for {}: {}", language.name, fmt::join(failures, "; ")),
                 fmt::format("sbx image build {}", language.name));
}

std::vector<ImageCandidate> own_candidates(std::string_view name, const ImagePreference& preference)
{
    // Ours is built here; there is nowhere to pull it from.
    std::vector<ImageCandidate> candidates{{local_image(name), PullPolicy::never}};
    if (!preference.registry.empty())
        candidates.push_back({fmt::format("{}/{}:{}", preference.registry, name, image_version()), preference.pull});
    return candidates;
}

}  // namespace

std::vector<ImageCandidate> image_candidates(const Language& language, const ImagePreference& preference)
{
    if (find_richer_image(preference.configured)) return own_candidates(preference.configured, preference);
    if (!preference.configured.empty()) return {{preference.configured, preference.pull}};
    std::vector<ImageCandidate> candidates = own_candidates(language.name, preference);
    if (!language.official_image.empty()) candidates.push_back({std::string(language.official_image), preference.pull});
    return candidates;
}

asio::awaitable<Result<ChosenImage>> choose_image(Engine& engine, const Language& language, ImagePreference preference,
                                                  ProgressSink progress)
{
    Error last;
    std::vector<std::string> failures;
    for (const ImageCandidate& candidate : image_candidates(language, preference)) {
        Result<ImageInfo> found = co_await engine.prepare(candidate.reference, candidate.pull, progress);
        if (found) {
            ChosenImage chosen{candidate.reference, std::move(*found)};
            co_return chosen;
        }
        last = found.error();
        if (!is_missing(last)) co_return last;
        failures.push_back(last.message);
    }
    co_return none_available(language, preference, last, failures);
}

}  // namespace sbx
