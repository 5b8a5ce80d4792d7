#include "core/batch/job.hpp"

#include "core/json.hpp"
#include "core/nearest.hpp"
#include "core/wire/base64.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sbx::batch {
namespace {

using nlohmann::json;

constexpr std::size_t longest_id = 1024;
constexpr std::size_t most_content_bytes = std::size_t{256} << 20;
constexpr int highest_exit_code = 255;

Error wrong(std::string_view key, std::string_view what, std::string_view example)
{
    return Error(Errc::invalid_argument, fmt::format("{} {}", key, what), std::string(example));
}

std::string text_of(const json& value)
{
    return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<void> read_text(const json& value, std::string_view key, std::string& into)
{
    if (!value.is_string()) return wrong(key, "is a string", "");
    into = value.get<std::string>();
    return {};
}

Result<void> read_texts(const json& value, std::string_view key, std::vector<std::string>& into)
{
    if (!value.is_array()) return wrong(key, "is a list of strings", R"(["a", "b"])");
    for (const json& each : value) {
        if (each.is_structured() || each.is_null()) return wrong(key, "is a list of strings", R"(["a", "b"])");
        into.push_back(text_of(each));
        if (into.back().find('\0') != std::string::npos)
            return wrong(key, "has a NUL in it, which no argument can have", "pass bytes on stdin or in a file");
    }
    return {};
}

/// A string, `{"file": PATH}` or `{"base64": TEXT}`.
Result<Content> read_value(const json& value, std::string_view key)
{
    if (value.is_string()) return Content(value.get<std::string>());
    const bool has_one = value.is_object() && value.size() == 1 && value.begin()->is_string();
    if (has_one && value.contains("file")) return Content(std::filesystem::path(value["file"].get<std::string>()));
    std::string bytes;
    if (has_one && value.contains("base64") && wire::from_base64(value["base64"].get<std::string>(), bytes))
        return Content(std::move(bytes));
    return wrong(key, "is a string, or {\"file\": PATH}, or {\"base64\": TEXT}", "");
}

Result<void> read_id(const json& value, Job& job)
{
    const bool is_number = value.is_number_integer();
    if (!is_number && !value.is_string()) return wrong("id", "is a string or a whole number", "");
    job.id = text_of(value);
    job.id_is_number = is_number;
    if (job.id.empty() || job.id.size() > longest_id) return wrong("id", "has from 1 to 1024 bytes", "");
    return {};
}

Result<void> read_files(const json& value, Job& job)
{
    if (value.is_array()) return read_texts(value, "files", job.sources);
    if (!value.is_object())
        return wrong("files", "is an object of names and contents, or a list of SRC[:DST]", R"({"data.txt": "1 2 3"})");
    for (const auto& [name, content] : value.items()) {
        auto read = read_value(content, fmt::format("files: {}", name));
        if (!read) return read.error();
        job.files.emplace_back(name, std::move(*read));
    }
    return {};
}

Result<void> read_environment(const json& value, Job& job)
{
    if (!value.is_object()) return wrong("env", "is an object of names and values", R"({"NAME": "value"})");
    for (const auto& [name, text] : value.items()) {
        if (text.is_structured() || text.is_null() || name.find('=') != std::string::npos)
            return wrong(fmt::format("env: {}", name), "is no variable with a string", R"({"NAME": "value"})");
        job.environment.emplace_back(name, text_of(text));
    }
    return {};
}

/// A limit has the name of its flag, or that of its field in DESIGN's limits, which holds a plain number.
Result<void> read_limits(const json& value, Job& job)
{
    struct Row {
        std::string_view key;
        std::string_view setting;
        std::string_view unit;  ///< of a plain number
    };
    static constexpr std::array rows{
        Row{"timeout", "limits.timeout"},
        Row{"grace", "limits.grace"},
        Row{"cpu_time", "limits.cpu_time"},
        Row{"memory", "limits.memory"},
        Row{"disk", "limits.disk"},
        Row{"max_output", "limits.max_output"},
        Row{"cpus", "limits.cpus"},
        Row{"pids", "limits.pids"},
        Row{"compile_timeout", "limits.compile_timeout"},
        Row{"wall_ms", "limits.timeout", "ms"},
        Row{"grace_ms", "limits.grace", "ms"},
        Row{"cpu_ms", "limits.cpu_time", "ms"},
        Row{"memory_bytes", "limits.memory"},
        Row{"disk_bytes", "limits.disk"},
        Row{"output_bytes", "limits.max_output"},
    };
    if (!value.is_object()) return wrong("limits", "is an object", R"({"timeout": "2s", "memory": "256m"})");
    for (const auto& [key, limit] : value.items()) {
        const auto* row = std::ranges::find(rows, std::string_view(key), &Row::key);
        if (row == rows.end()) {
            std::vector<std::string_view> known;
            for (const Row& each : rows) known.push_back(each.key);
            return Error(Errc::invalid_argument, fmt::format("limits: unknown key '{}'", key),
                         did_you_mean(key, known, R"({"timeout": "2s", "memory": "256m"})"));
        }
        if (!limit.is_string() && !limit.is_number())
            return wrong(fmt::format("limits: {}", key), "is a string or a number", R"("30s", "256m", 2)");
        job.limits.emplace_back(row->setting,
                                text_of(limit) + std::string(limit.is_number() ? row->unit : std::string_view()));
    }
    return {};
}

Result<void> read_program(const json& value, Check& check)
{
    CheckProgram& program = check.program.emplace();
    std::string code;
    if (!value.is_object()) return wrong("check: program", "is an object", R"({"program": {"file": "check.py"}})");
    for (const auto& [key, part] : value.items()) {
        Result<void> read;
        if (key == "language")
            read = read_text(part, "check: language", program.language);
        else if (key == "code")
            read = read_text(part, "check: code", program.code.emplace());
        else if (key == "file")
            read = read_text(part, "check: file", program.file);
        else if (key == "args")
            read = read_texts(part, "check: args", program.arguments);
        else
            return wrong(fmt::format("check: unknown key '{}'", key), "of a program",
                         "it has language, code or file, and args");
        if (!read) return read;
    }
    if (program.code.has_value() == !program.file.empty())
        return wrong("check: program", "has either code or a file", R"({"program": {"file": "check.py"}})");
    return {};
}

Result<void> read_check(const json& value, Job& job)
{
    constexpr std::string_view example = R"("exact", "tokens", {"floats": 1e-6} or {"program": {…}})";
    if (value.is_string()) {
        auto check = parse_check(value.get_ref<const std::string&>());
        if (!check) return check.error();
        job.check = std::move(*check);
        return {};
    }
    if (!value.is_object() || value.size() != 1) return wrong("check", "is no check", example);
    Check& check = job.check.emplace();
    if (value.contains("program")) return read_program(value["program"], check);
    if (!value.contains("floats") || !value["floats"].is_number() || value["floats"].get<double>() < 0)
        return wrong("check", "is no check", example);
    check.kind = Check::Kind::floats;
    check.tolerance = value["floats"].get<double>();
    return {};
}

Result<void> read_exit_code(const json& value, Job& job)
{
    if (!value.is_number_integer() || value < 0 || value > highest_exit_code)
        return wrong("expected_exit_code", "is a number from 0 to 255", "");
    job.expected_exit_code = value.get<int>();
    return {};
}

Result<void> read_input(const json& value, Job& job)
{
    auto content = read_value(value, "stdin");
    if (content) job.input = std::move(*content);
    return content ? Result<void>() : content.error();
}

Result<void> read_expected(const json& value, Job& job)
{
    auto content = read_value(value, "expected_stdout");
    if (content) job.expected_output = std::move(*content);
    return content ? Result<void>() : content.error();
}

struct Key {
    std::string_view name;
    Result<void> (*read)(const json& value, Job& job);
};

constexpr std::array keys{
    Key{"id", read_id},
    Key{"language", [](const json& v, Job& job) { return read_text(v, "language", job.language); }},
    Key{"code", [](const json& v, Job& job) { return read_text(v, "code", job.code.emplace()); }},
    Key{"file", [](const json& v, Job& job) { return read_text(v, "file", job.file); }},
    Key{"entry", [](const json& v, Job& job) { return read_text(v, "entry", job.entry); }},
    Key{"args", [](const json& v, Job& job) { return read_texts(v, "args", job.arguments); }},
    Key{"env", read_environment},
    Key{"stdin", read_input},
    Key{"files", read_files},
    Key{"image", [](const json& v, Job& job) { return read_text(v, "image", job.image.emplace()); }},
    Key{"libraries", [](const json& v, Job& job) { return read_texts(v, "libraries", job.libraries); }},
    Key{"limits", read_limits},
    Key{"expected_stdout", read_expected},
    Key{"expected_exit_code", read_exit_code},
    Key{"check", read_check},
};

Result<void> read_key(std::string_view name, const json& value, Job& job)
{
    const auto* key = std::ranges::find(keys, name, &Key::name);
    // What a program wrote for "nothing" is as good as a missing key.
    if (key != keys.end()) return value.is_null() ? Result<void>() : key->read(value, job);
    std::vector<std::string_view> known;
    for (const Key& each : keys) known.push_back(each.name);
    return Error(Errc::invalid_argument, fmt::format("unknown key '{}'", name),
                 did_you_mean(name, known, fmt::format("the keys are {}", fmt::join(known, ", "))));
}

/// What the library says without its own number and class, `[json.exception.parse_error.101] `, and without the bytes
/// of the line, which may be anything.
std::string plain(std::string_view what)
{
    const std::size_t end = what.find("] ");
    if (end != std::string_view::npos) what.remove_prefix(end + 2);
    return std::string(what.substr(0, what.find("; last read")));
}

Result<json> parse_object(std::string_view line)
try {
    json value = json::parse(line);
    if (value.is_object()) return value;
    return Error(Errc::invalid_argument, "a job is one JSON object on a line of its own",
                 value.is_array() ? "jq -c '.[]' jobs.json > jobs.jsonl" : R"({"language": "python", "code": "…"})");
} catch (const json::exception& error) {
    return Error(Errc::invalid_argument, fmt::format("not JSON: {}", plain(error.what())),
                 "a job is one JSON object on a line of its own");
}

}  // namespace

Result<Job> parse_job(std::string_view line, std::uint64_t number)
{
    const Result<json> object = parse_object(line);
    if (!object) return object.error();
    Job job;
    job.line = number;
    job.id = std::to_string(number);
    job.id_is_number = true;
    for (const auto& [key, value] : object->items())
        if (const auto read = read_key(key, value, job); !read) return read.error();
    if (job.code.has_value() == !job.file.empty())
        return Error(Errc::invalid_argument, "a job has either code or a file",
                     R"-({"language": "python", "code": "print(1)"})-");
    if (job.code && !job.entry.empty()) return wrong("entry", "is for a file that is a directory", "");
    return job;
}

Result<std::string> read_content(const Content& content)
{
    if (const auto* bytes = std::get_if<std::string>(&content)) return *bytes;
    const auto& path = std::get<std::filesystem::path>(content);
    const auto failed = [&](int error) {
        const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found : Errc::permission_denied;
        return Error(code, fmt::format("cannot read {}: {}", path.native(), std::strerror(error)));
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return failed(errno);
    struct stat status {};
    std::string bytes;
    Result<std::string> result = Error();
    if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        result = Error(Errc::invalid_argument, fmt::format("{} is no regular file", path.native()));
    } else if (static_cast<std::uint64_t>(status.st_size) > most_content_bytes) {
        result = Error(Errc::too_large, fmt::format("{} is more than 256 MiB", path.native()));
    } else {
        bytes.resize(static_cast<std::size_t>(status.st_size));
        const ssize_t n = ::pread(file, bytes.data(), bytes.size(), 0);
        if (n >= 0) bytes.resize(static_cast<std::size_t>(n));
        result = n < 0 ? failed(errno) : Result<std::string>(std::move(bytes));
    }
    ::close(file);
    return result;
}

}  // namespace sbx::batch
