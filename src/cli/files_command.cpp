#include "cli/app.hpp"
#include "cli/commands.hpp"
#include "cli/files_watch.hpp"
#include "cli/hostile_text.hpp"
#include "cli/sandbox_path.hpp"
#include "cli/shared_flags.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "cli/with_keeper.hpp"
#include "core/sandbox/file_access.hpp"
#include "core/sandbox/record_json.hpp"

#include <nlohmann/json.hpp>

#include <csignal>

namespace sbx::cli {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::vector<std::string> words;
    bool quiet = false;
    bool recursive = false;
    bool append = false;
};

constexpr std::uint32_t deepest = 32;

std::string type_name(wire::EntryType type)
{
    switch (type) {
        case wire::EntryType::file:
            return "file";
        case wire::EntryType::directory:
            return "directory";
        case wire::EntryType::symlink:
            return "symlink";
        case wire::EntryType::other:
            return "other";
    }
    return "other";
}

std::chrono::system_clock::time_point time_of(const wire::Entry& entry)
{
    return std::chrono::system_clock::time_point(std::chrono::nanoseconds(entry.mtime_ns));
}

ordered_json entry_json(const wire::Entry& entry)
{
    ordered_json json;
    put_bytes(json, "path", entry.path);
    json["type"] = type_name(entry.type);
    json["size_bytes"] = entry.size_bytes;
    json["mode"] = fmt::format("{:04o}", entry.mode);
    json["modified"] = iso_time(time_of(entry));
    return json;
}

std::vector<std::string> row_of(const wire::Entry& entry)
{
    return {fmt::format("{:04o}", entry.mode), type_name(entry.type), std::to_string(entry.size_bytes),
            iso_time(time_of(entry)).get<std::string>(), shown(entry.path)};
}

void print_entries(const std::vector<wire::Entry>& entries, const Options& options, Context& context)
{
    ordered_json all = ordered_json::array();
    std::vector<std::vector<std::string>> rows{{"MODE", "TYPE", "SIZE", "MODIFIED", "PATH"}};
    for (const wire::Entry& entry : entries) {
        all.push_back(entry_json(entry));
        if (options.quiet && !context.json) context.print(shown(entry.path) + "\n");
        rows.push_back(row_of(entry));
    }
    if (context.json) return context.print_json(all);
    if (!options.quiet) context.print(format_table(rows));
}

/// Runs one piece of work in the sandbox that the first word names.
/// @param work  `asio::awaitable<Result<T>>(AgentLink&, const std::string& path)`
template <class Work>
auto in_sandbox(const Options& options, const Context& context, const Work& work)
{
    using Outcome = typename std::invoke_result_t<Work, AgentLink&, const std::string&>::value_type;
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c)
    const Result<SandboxPath> place = need_sandbox_path(options.words.front());
    if (!place) return Outcome(place.error());
    const SandboxStore store = sandbox_store(context);
    const Result<SandboxRecord> record = find_living(store, place->sandbox);
    if (!record) return Outcome(record.error());
    const auto over = [&](AgentLink& link) { return work(link, place->path); };
    return with_keeper(context, store, *record, over);
}

void ls(const Options& options, Context& context)
{
    const auto work = [&](AgentLink& link, const std::string& path) {
        return list_inside(link, path, options.recursive ? deepest : 1);
    };
    const Result<Listing> found = in_sandbox(options, context, work);
    if (!found) return context.report(found.error());
    print_entries(found->entries, options, context);
    if (found->truncated) context.say(fmt::format("{}: there are more; name a directory below", context.program));
}

void stat(const Options& options, Context& context)
{
    const auto work = [&](AgentLink& link, const std::string& path) { return stat_inside(link, path); };
    const Result<wire::Entry> entry = in_sandbox(options, context, work);
    if (!entry) return context.report(entry.error());
    if (context.json) return context.print_json(entry_json(*entry));
    print_entries({*entry}, options, context);
}

asio::awaitable<Result<wire::Reply>> read_file(AgentLink& link, std::string path)
{
    StandardStreams streams(co_await asio::this_coro::executor, false);
    wire::Read read;
    read.path = std::move(path);
    const wire::StreamId stream = link.owner().read(read);
    co_return co_await receive_data(link, stream, streams);
}

void cat(const Options& options, Context& context)
{
    const Result<wire::Reply> done = in_sandbox(options, context, read_file);
    if (!done && done.error().code == Errc::cancelled)
        context.exit_code = 128 + SIGPIPE;  // as any program whose reader has gone, and as quietly
    else if (!done)
        context.report(done.error());
}

asio::awaitable<Result<wire::Reply>> write_file(AgentLink& link, std::string path, bool append)
{
    StandardStreams streams(co_await asio::this_coro::executor, true);
    wire::Write write;
    write.path = std::move(path);
    write.append = append;
    write.max_bytes = std::uint64_t{1} << 40;  // the sandbox's own limit counts
    const wire::StreamId stream = link.owner().write(write);
    co_return co_await send_data(link, stream, streams);
}

/// Of operations that leave nothing to be shown.
void conclude(const Result<wire::Reply>& done, const std::string& path, Context& context)
{
    if (!done) return context.report(done.error());
    if (context.json) context.print_json({{"path", path}, {"bytes", done->bytes}});
}

void write(const Options& options, Context& context)
{
    const auto work = [&](AgentLink& link, const std::string& path) { return write_file(link, path, options.append); };
    conclude(in_sandbox(options, context, work), options.words.front(), context);
}

void mkdir(const Options& options, Context& context)
{
    const auto work = [](AgentLink& link, const std::string& path) {
        wire::Mkdir request;
        request.path = path;
        return succeed(link, link.owner().mkdir(request));
    };
    conclude(in_sandbox(options, context, work), options.words.front(), context);
}

void remove(const Options& options, Context& context)
{
    const auto work = [&](AgentLink& link, const std::string& path) {
        wire::Remove request;
        request.path = path;
        request.recursive = options.recursive;
        return succeed(link, link.owner().remove(request));
    };
    conclude(in_sandbox(options, context, work), options.words.front(), context);
}

void move(const Options& options, Context& context)
{
    const Result<SandboxPath> from = need_sandbox_path(options.words.front());
    if (!from) return context.report(from.error());
    Result<SandboxPath> to = need_sandbox_path(options.words.back());
    if (to && to->sandbox != from->sandbox)
        to = Error(Errc::invalid_argument, "both places must be in the same sandbox", "cp");
    if (!to) return context.report(to.error());
    const auto work = [&](AgentLink& link, const std::string& path) {
        wire::Move request;
        request.from = path;
        request.to = to->is_folder ? to->path + "/" + parent_and_name(path).second : to->path;
        return succeed(link, link.owner().move(request));
    };
    conclude(in_sandbox(options, context, work), options.words.back(), context);
}

void watch(const Options& options, Context& context)
{
    watch_files(options.words.front(), options.recursive, context);
}

using Action = void (*)(const Options& options, Context& context);

struct Row {
    const char* name;
    const char* summary;
    Action action;
    int operands;
    const char* example;
    const char* meaning;  ///< of the example
};

constexpr std::array rows{
    Row{"ls", "List a directory", ls, 1, "files ls -r build:src", "what is below /work/src of the sandbox"},
    Row{"cat", "Print a file", cat, 1, "files cat build:out.csv > out.csv", "a file of the sandbox, here"},
    Row{"write", "Write stdin into a file", write, 1, "files write build:/work/in.txt < in.txt",
        "what comes on stdin, there"},
    Row{"mkdir", "Make a directory, and those above it", mkdir, 1, "files mkdir build:a/b/c", "all three"},
    Row{"mv", "Move or rename", move, 2, "files mv build:old.txt build:new.txt", "within the sandbox"},
    Row{"rm", "Remove a file or an empty directory", remove, 1, "files rm -r build:src",
        "a directory with all that it holds"},
    Row{"stat", "Show what stands at a path", stat, 1, "files stat --json build:out.csv | jq .size_bytes",
        "its size, for a script"},
    Row{"watch", "Tell what changes in a directory, until Ctrl-C", watch, 1, "files watch -r build:src",
        "what is created, written, removed and renamed below /work/src"},
};

}  // namespace

void build_files_command(CLI::App& command, Context& context)
{
    command.require_subcommand(1);
    set_examples(command, context,
                 {{"files ls build:", "what is in /work of the sandbox"},
                  {"files cat build:out.csv > out.csv", "a file of it"},
                  {"files write build:/work/in.txt < in.txt", "and one into it"},
                  {"files watch -r build:src", "what is created, written, removed and renamed below /work/src"}});
    for (const Row& row : rows) {
        const auto options = std::make_shared<Options>();
        CLI::App* one = command.add_subcommand(row.name, row.summary);
        const std::string name = row.name;
        one->add_option("SANDBOX:PATH", options->words,
                        row.operands == 2 ? "What, and where to" : "Relative paths are below /work")
            ->required()
            ->expected(row.operands);
        if (name == "ls") one->add_flag("-r,--recursive", options->recursive, "What is below its directories too");
        if (name == "rm") one->add_flag("-r,--recursive", options->recursive, "Directories, with all that they hold");
        if (name == "write") one->add_flag("-a,--append", options->append, "At the end of what is there");
        if (name == "watch")
            one->add_flag("-r,--recursive", options->recursive, "Its directories too, new ones included");
        if (name == "watch") one->add_flag("--ndjson", context.ndjson, "Print one JSON object a line as things happen");
        if (name == "ls") add_quiet_flag(*one, options->quiet, "paths");
        if (name != "cat" && name != "watch") add_json_flag(*one, context);
        add_config_flag(*one, context);
        set_examples(*one, context, {{row.example, row.meaning}});
        one->callback([options, action = row.action, &context] { action(*options, context); });
    }
}

}  // namespace sbx::cli
