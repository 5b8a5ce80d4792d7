#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sbx::agent {

inline constexpr std::size_t tar_block = 512;

/// A header block of a tar archive: ustar, with what GNU tar adds. https://pubs.opengroup.org/onlinepubs/9699919799/
struct TarHeader {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[8];
    char user[32];
    char group[32];
    char device_major[8];
    char device_minor[8];
    char prefix[155];
    char unused[12];
};
static_assert(sizeof(TarHeader) == tar_block);

/// One member, headers that only prepare it already merged in.
struct TarMember {
    std::string path;
    std::string link;
    char type = '0';
    std::uint32_t mode = 0;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
};

/// @return what the block says, or nothing when it is no header
std::optional<TarMember> parse_header(const TarHeader& header);

/// What a pax header says of the member that follows.
struct PaxRecords {
    std::optional<std::string> path;
    std::optional<std::string> link;
    std::optional<std::uint64_t> size;
    std::optional<std::int64_t> mtime_ns;
};
/// @return false when the records are not well-formed
bool parse_pax(std::string_view text, PaxRecords& records);

/// The header block or, for long names, the blocks that announce a member.
std::string format_header(const TarMember& member);

/// How many bytes follow `size` bytes of content up to the next block.
constexpr std::uint64_t tar_padding(std::uint64_t size)
{
    return (tar_block - size % tar_block) % tar_block;
}

}  // namespace sbx::agent
