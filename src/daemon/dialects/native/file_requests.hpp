#pragma once

#include "daemon/api/field.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sbx::daemon::native {

// What requests about files, and the answers to them, are made of.

struct PathRequest {
    std::string id;
    std::string path;
};
BOOST_DESCRIBE_STRUCT(PathRequest, (), (id, path))

constexpr auto fields_of(const PathRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "Absolute, or below /work", .required = true, .example = R"("data/x.csv")"},
    });
}

struct ListFiles {
    std::string id;
    std::string path = "/work";
    std::uint32_t depth = 1;
};
BOOST_DESCRIBE_STRUCT(ListFiles, (), (id, path, depth))

constexpr auto fields_of(const ListFiles* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "A directory"},
        {.name = "depth", .description = "1: what is in it; more: what is below, too", .minimum = 1, .maximum = 32},
    });
}

struct RemoveRequest {
    std::string id;
    std::string path;
    bool recursive = false;
};
BOOST_DESCRIBE_STRUCT(RemoveRequest, (), (id, path, recursive))

constexpr auto fields_of(const RemoveRequest* /*type*/)
{
    return std::to_array<Field>({
        {.name = "path", .description = "Absolute, or below /work", .required = true},
        {.name = "recursive", .description = "A directory with all that is below"},
    });
}

struct MoveRequest {
    std::string id;
    std::string from;
    std::string to;
};
BOOST_DESCRIBE_STRUCT(MoveRequest, (), (id, from, to))

constexpr auto fields_of(const MoveRequest* /*type*/)
{
    return std::to_array<Field>({{.name = "from", .required = true}, {.name = "to", .required = true}});
}

struct EntryView {
    std::string path;
    std::string type;  ///< file, directory, symlink, other
    std::uint64_t size_bytes = 0;
    std::string modified;
    std::string mode;  ///< octal
};
BOOST_DESCRIBE_STRUCT(EntryView, (), (path, type, size_bytes, modified, mode))

struct EntryList {
    std::vector<EntryView> entries;
    bool truncated = false;
};
BOOST_DESCRIBE_STRUCT(EntryList, (), (entries, truncated))

}  // namespace sbx::daemon::native
