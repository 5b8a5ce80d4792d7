#include "archive.hpp"

#include "catch.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <sys/stat.h>

namespace test {
namespace {

mode_t file_type(char type)
{
    switch (type) {
        case '2':
            return AE_IFLNK;
        case '3':
            return AE_IFCHR;
        case '5':
            return AE_IFDIR;
        case '6':
            return AE_IFIFO;
        default:
            return AE_IFREG;
    }
}

}  // namespace

std::string pack(const std::vector<Member>& members)
{
    std::size_t room = 1U << 20;
    for (const Member& member : members) room += member.content.size() + 8'192;
    std::string bytes(room, '\0');
    std::size_t used = 0;
    archive* out = archive_write_new();
    archive_write_set_format_pax_restricted(out);
    archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
    for (const Member& member : members) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, member.path.c_str());
        archive_entry_set_filetype(entry, file_type(member.type));
        archive_entry_set_perm(entry, member.mode);
        archive_entry_set_mtime(entry, member.mtime, 0);
        if (member.type == '2') archive_entry_set_symlink(entry, member.link.c_str());
        if (member.type == '1') archive_entry_set_hardlink(entry, member.link.c_str());
        if (member.type == '0') archive_entry_set_size(entry, static_cast<la_int64_t>(member.content.size()));
        REQUIRE(archive_write_header(out, entry) == ARCHIVE_OK);
        if (member.type == '0') archive_write_data(out, member.content.data(), member.content.size());
        archive_entry_free(entry);
    }
    REQUIRE(archive_write_close(out) == ARCHIVE_OK);
    archive_write_free(out);
    bytes.resize(used);
    return bytes;
}

std::vector<Member> unpack(const std::string& bytes)
{
    std::vector<Member> members;
    archive* in = archive_read_new();
    archive_read_support_format_tar(in);
    REQUIRE(archive_read_open_memory(in, bytes.data(), bytes.size()) == ARCHIVE_OK);
    archive_entry* entry = nullptr;
    int status = 0;
    while ((status = archive_read_next_header(in, &entry)) == ARCHIVE_OK) {
        Member member{.path = archive_entry_pathname(entry),
                      .mode = archive_entry_perm(entry),
                      .mtime = archive_entry_mtime(entry)};
        if (const char* link = archive_entry_symlink(entry)) member.link = link;
        member.content.resize(static_cast<std::size_t>(archive_entry_size(entry)));
        REQUIRE(archive_read_data(in, member.content.data(), member.content.size()) ==
                static_cast<la_ssize_t>(member.content.size()));
        members.push_back(std::move(member));
    }
    CHECK(status == ARCHIVE_EOF);
    archive_read_free(in);
    return members;
}

}  // namespace test
