#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/run_files.hpp"
#include "cli/sandbox_path.hpp"
#include "cli/shared_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/collect.hpp"
#include "core/sandbox/file_access.hpp"
#include "core/sandbox/uploads.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace sbx::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_bytes = 64ULL << 30;  // of one copy to this host

struct Options {
    std::vector<std::string> words;
    bool quiet = false;
};

/// What was copied.
struct Copied {
    std::uint64_t files = 0;
    std::vector<std::string> left_out;
};

asio::awaitable<bool> is_directory_inside(AgentLink& link, std::string path)
{
    const Result<wire::Entry> entry = co_await stat_inside(link, std::move(path));
    co_return entry && entry->type == wire::EntryType::directory;
}

// ---- into a sandbox

/// `-`: stdin is an archive.
asio::awaitable<Result<Copied>> unpack_stdin(AgentLink& link, SandboxPath to, std::uint64_t disk_bytes)
{
    StandardStreams streams(co_await asio::this_coro::executor, true);
    wire::Mkdir folder;
    folder.path = to.path;
    wire::TarIn tar;
    if (to.path != "/work" && to.path != "/tmp") tar.after = link.owner().mkdir(folder);
    tar.directory = to.path;
    tar.max_bytes = disk_bytes;
    tar.max_entries = std::numeric_limits<std::uint32_t>::max();
    const wire::StreamId stream = link.owner().tar_in(tar);
    const Result<wire::Reply> done = co_await send_data(link, stream, streams);
    if (!done) co_return done.error();
    Copied copied;
    copied.files = done->entries;
    co_return copied;
}

asio::awaitable<Result<Copied>> copy_in(AgentLink& link, std::vector<std::string> sources, SandboxPath to,
                                        Limits limits)
{
    RunRequest request;
    request.limits = limits;
    bool into = to.is_folder || sources.size() > 1;
    if (!into) into = co_await is_directory_inside(link, to.path);
    Copied copied;
    for (const std::string& source : sources) {
        const fs::path clean = fs::path(source).lexically_normal();
        const fs::path name = clean.has_filename() ? clean.filename() : clean.parent_path().filename();
        const bool has_name = !name.empty() && name != "." && name != "..";
        const std::string target = into && has_name ? to.path + "/" + name.native() : to.path;
        auto file = input_file(source, target, true);
        if (!file) co_return file.error();
        request.files.push_back(std::move(*file));
        ++copied.files;
    }
    const Result<void> done = co_await put_files(link, request);
    if (!done) co_return done.error();
    co_return copied;
}

// ---- out of a sandbox

asio::awaitable<Result<Copied>> pack_to_stdout(AgentLink& link, SandboxPath from)
{
    StandardStreams streams(co_await asio::this_coro::executor, false);
    wire::TarOut tar;
    auto [directory, name] = parent_and_name(from.path);
    tar.directory = std::move(directory);
    if (!name.empty()) tar.paths.push_back(std::move(name));
    const wire::StreamId stream = link.owner().tar_out(tar);
    const Result<wire::Reply> done = co_await receive_data(link, stream, streams);
    if (!done) co_return done.error();
    Copied copied;
    copied.files = done->entries;
    co_return copied;
}

/// A directory of our own beside the place where something is to appear whole.
class Aside {
   public:
    explicit Aside(const fs::path& target) : path_((target.parent_path() / ".sbx-cp-XXXXXX").native())
    {
        made_ = ::mkdtemp(path_.data()) != nullptr;
    }
    ~Aside()
    {
        std::error_code ignored;
        if (made_) fs::remove_all(path_, ignored);
    }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

    bool is_there() const { return made_; }
    fs::path path() const { return path_; }

   private:
    std::string path_;
    bool made_ = false;
};

/// One thing under a name of its own.
asio::awaitable<Result<Copied>> copy_out_as(AgentLink& link, SandboxPath from, fs::path target)
{
    if (!target.has_parent_path()) target = fs::path(".") / target;
    const Aside aside(target);
    if (!aside.is_there())
        co_return Error(Errc::permission_denied, fmt::format("cannot write to {}", target.parent_path().native()));
    auto [directory, name] = parent_and_name(from.path);
    const fs::path made = aside.path() / name;
    std::vector<std::string> paths;
    paths.push_back(std::move(name));
    const auto unpacked = co_await fetch_files(link, std::move(directory), std::move(paths), aside.path(), most_bytes);
    if (!unpacked) co_return unpacked.error();
    Copied copied;
    copied.files = unpacked->files.size();
    copied.left_out = unpacked->left_out;
    std::error_code failed;
    if (fs::exists(made, failed)) fs::rename(made, target, failed);
    if (failed) co_return Error(Errc::conflict, fmt::format("cannot write {}: {}", target.native(), failed.message()));
    co_return copied;
}

asio::awaitable<Result<Copied>> copy_out(AgentLink& link, SandboxPath from, std::string to)
{
    const Result<wire::Entry> there = co_await stat_inside(link, from.path);
    if (!there) co_return there.error();
    std::error_code ignored;
    const bool into = to.ends_with('/') || fs::is_directory(to, ignored);
    auto [directory, name] = parent_and_name(from.path);
    if (!into && !name.empty()) {
        fs::path target = to;
        co_return co_await copy_out_as(link, std::move(from), std::move(target));
    }
    std::vector<std::string> paths;
    if (!name.empty()) paths.push_back(std::move(name));
    fs::path target = to;
    const auto unpacked =
        co_await fetch_files(link, std::move(directory), std::move(paths), std::move(target), most_bytes);
    if (!unpacked) co_return unpacked.error();
    Copied copied;
    copied.files = unpacked->files.size();
    copied.left_out = unpacked->left_out;
    co_return copied;
}

// ---- which way

Result<Copied> copy_from(const Context& context, const SandboxPath& from, const std::string& to)
{
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, from.sandbox);
    if (!record) return record.error();
    const auto work = [&](AgentLink& link) {
        return to == "-" ? pack_to_stdout(link, from) : copy_out(link, from, to);
    };
    return with_keeper(context, store, *record, work);
}

Result<Copied> copy_to(const Context& context, const std::vector<std::string>& sources, const SandboxPath& to)
{
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, to.sandbox);
    if (!record) return record.error();
    const auto work = [&](AgentLink& link) {
        return sources.front() == "-" ? unpack_stdin(link, to, record->limits.disk_bytes)
                                      : copy_in(link, sources, to, record->limits);
    };
    return with_keeper(context, store, *record, work);
}

Result<Copied> copy(const Context& context, std::vector<std::string> words)
{
    const std::string last = words.back();
    words.pop_back();
    const auto to = parse_sandbox_path(last);
    const bool has_stream = std::ranges::find(words, "-") != words.end();
    if (has_stream && words.size() > 1)
        return Error(Errc::invalid_argument, "an archive on stdin is copied alone",
                     context.program + " cp - SANDBOX:DIR");
    if (to) {
        for (const std::string& word : words)
            if (parse_sandbox_path(word))
                return Error(Errc::invalid_argument, "one side must be of this host", "copy in two steps");
        return copy_to(context, words, *to);
    }
    if (words.size() > 1 && last != "-" && !fs::is_directory(last))
        return Error(Errc::invalid_argument, fmt::format("{} is no directory", last), "name one for several files");
    Copied all;
    for (const std::string& word : words) {
        const auto from = parse_sandbox_path(word);
        if (!from)
            return Error(Errc::invalid_argument, "neither side is of a sandbox: name one as SANDBOX:PATH",
                         context.program + " cp --help");
        const Result<Copied> copied = copy_from(context, *from, last);
        if (!copied) return copied.error();
        all.files += copied->files;
        all.left_out.insert(all.left_out.end(), copied->left_out.begin(), copied->left_out.end());
    }
    return all;
}

void cp(const Options& options, Context& context)
{
    if (options.words.size() < 2)
        return context.report(
            Error(Errc::invalid_argument, "cp needs a source and a destination", context.program + " cp --help"));
    if (context.json && options.words.back() == "-")
        return context.report(Error(Errc::invalid_argument, "--json and an archive on stdout exclude each other"));
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a reader that goes away is seen by its write
    const Result<Copied> copied = copy(context, options.words);
    if (!copied && copied.error().code == Errc::cancelled && options.words.back() == "-") {
        context.exit_code = 128 + SIGPIPE;
        return;
    }
    if (!copied) return context.report(copied.error());
    if (context.json) return context.print_json({{"files", copied->files}, {"left_out", copied->left_out}});
    if (options.quiet) return;
    for (const std::string& name : copied->left_out)
        context.say(fmt::format("{}: {:?} was left out: it is neither a file nor a directory", context.program, name));
}

}  // namespace

void build_cp_command(CLI::App& command, Context& context)
{
    const auto options = std::make_shared<Options>();
    command
        .add_option("SRC", options->words,
                    "Files and directories, then where to: SANDBOX:PATH on one side; - is an archive (tar)")
        ->required();
    command.add_flag("-q,--quiet", options->quiet, "Do not tell what was left out");
    add_json_flag(command, context);
    add_config_flag(command, context);
    set_examples(command, context,
                 {{"cp main.c build:", "into /work of the sandbox"},
                  {"cp src lib build:/work/code/", "several, into a directory"},
                  {"cp build:out/report.html .", "out of it"},
                  {"cp build:/work - | tar t", "all of /work as an archive"}});
    command.callback([options, &context] { cp(*options, context); });
}

}  // namespace sbx::cli
