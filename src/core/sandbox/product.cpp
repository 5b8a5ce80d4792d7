#include "core/sandbox/product.hpp"

#include "core/sandbox/file_access.hpp"
#include "sbx/language.hpp"

namespace sbx {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;
constexpr std::string_view scratch = "/tmp/";

/// Keeps what is written, as long as it is no more than may be kept.
class Keeping : public ProgramIo {
   public:
    asio::awaitable<Result<void>> write(OutputStream /*stream*/, std::span<const char> piece) override
    {
        if (bytes.size() + piece.size() > most_bytes) co_return Error(Errc::too_large, "a product of more than 64 MiB");
        bytes.append(piece.data(), piece.size());
        co_return Result<void>();
    }
    asio::awaitable<Result<std::size_t>> read(std::span<char> /*into*/) override { co_return 0U; }
    void stop_reading() override {}

    std::string bytes;
};

}  // namespace

std::string product_name(const std::vector<std::string>& compile)
{
    for (const std::string& word : compile)
        if (const std::size_t at = word.find(program_path); at != std::string::npos)
            return word.substr(at + scratch.size());
    return {};
}

asio::awaitable<Result<std::string>> fetch_product(AgentLink& link, std::string name)
{
    wire::TarOut request;
    request.directory = scratch.substr(0, scratch.size() - 1);
    request.paths.push_back(std::move(name));
    const wire::StreamId stream = link.owner().tar_out(request);
    link.flush();
    Keeping keeping;
    const Result<wire::Reply> done = co_await receive_data(link, stream, keeping);
    if (!done) co_return done.error();
    co_return std::move(keeping.bytes);
}

}  // namespace sbx
