#include "cli/app.hpp"
#include "cli/standard_streams.hpp"

#include <exception>
#include <filesystem>

int main(int argc, char** argv)
{
    sbx::cli::hold_standard_descriptors();
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "";
    sbx::cli::Context context(name.empty() ? "sbx" : name, stdout, stderr, sbx::process_environment());
    try {
        run_app(context, arguments);
    } catch (const std::exception& e) {
        context.report(sbx::Error(sbx::Errc::internal, e.what(), "this is a bug: please report it"));
    }
    context.finish();
    return context.exit_code;
}
