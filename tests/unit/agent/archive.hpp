#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace test {

/// One member of a tar archive.
struct Member {
    std::string path;
    std::string content;
    char type = '0';
    std::string link;
    std::uint32_t mode = 0644;
    std::int64_t mtime = 1'500'000'000;
};

/// By libarchive, so that the agent's own reading and writing is held against another's.
std::string pack(const std::vector<Member>& members);
std::vector<Member> unpack(const std::string& archive);

}  // namespace test
