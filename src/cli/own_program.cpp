#include "cli/own_program.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

namespace sbx::cli {

std::filesystem::path own_program()
{
    std::error_code ec;
    const std::filesystem::path program = boost::dll::program_location(ec);
    return std::filesystem::weakly_canonical(program, ec);
}

}  // namespace sbx::cli
