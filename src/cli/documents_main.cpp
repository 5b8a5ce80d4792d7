// Writes the manual pages and the completion scripts: documents DIRECTORY NAME-OF-THE-COMMAND

#include "cli/documents.hpp"
#include "core/whole_file.hpp"

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    const std::filesystem::path directory = argv[1];
    sbx::cli::Context context(argv[2], stdout, stderr, sbx::process_environment());
    for (const auto& [path, text] : documents(context)) {
        constexpr unsigned mode = 0644;
        const sbx::Result<void> written = sbx::write_whole_file(directory / path, text, mode);
        if (!written) context.report(written.error());
    }
    return context.exit_code;
}
