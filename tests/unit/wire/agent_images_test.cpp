#include "core/wire/agent_images.hpp"
#include "catch.hpp"

#include <elf.h>
#include <openssl/sha.h>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string>

using sbx::wire::agent_image;

namespace {

/// Whether an ELF program needs a dynamic loader.
bool asks_for_interpreter(std::string_view program)
{
    Elf64_Ehdr header;
    std::memcpy(&header, program.data(), sizeof header);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, program.data() + header.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_INTERP) return true;
    }
    return false;
}

std::string sha256_of(std::string_view bytes)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    std::string hex;
    for (const unsigned byte : digest) hex += fmt::format("{:02x}", byte);
    return hex;
}

}  // namespace

TEST_CASE("there is an agent for each architecture, under each of its names")
{
    CHECK(agent_image("amd64") == agent_image("x86_64"));
    CHECK(agent_image("arm64") == agent_image("aarch64"));
    CHECK(agent_image("riscv64") == nullptr);
    CHECK(agent_image("") == nullptr);
}

TEST_CASE("an agent is a small static program of its architecture")
{
    const auto [name, machine] = GENERATE(table<const char*, int>({{"amd64", 62}, {"arm64", 183}}));
    const auto* image = agent_image(name);
    REQUIRE(image);
    const std::string bytes = image->program.bytes();
    CHECK(
        bytes.starts_with("\x7f"
                          "ELF"));
    CHECK(bytes.at(18) == static_cast<char>(machine));
    CHECK_FALSE(asks_for_interpreter(bytes));
    CHECK(bytes.size() <= 1U << 20);
}

TEST_CASE("the hash of an agent's volume is that of the sums of what lies in it")
{
    const auto* image = agent_image(GENERATE("amd64", "arm64"));
    REQUIRE(image);
    std::string sums = sha256_of(image->program.bytes());
    for (const auto& runner : sbx::wire::runners()) sums += ";" + sha256_of(runner.content.bytes());
    CHECK(image->content_sha256 == sha256_of(sums));
}
