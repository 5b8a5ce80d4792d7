#include "cli/missing_library.hpp"

#include "core/lang/package_index.hpp"
#include "core/lang/words.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sbx::cli {
namespace {

/// `import A` is of the package B.
struct Alias {
    std::string_view module;
    std::string_view package;
};

constexpr std::array python_aliases{
    Alias{"Crypto", "pycryptodome"},
    Alias{"MySQLdb", "mysqlclient"},
    Alias{"OpenSSL", "pyopenssl"},
    Alias{"PIL", "pillow"},
    Alias{"attr", "attrs"},
    Alias{"bs4", "beautifulsoup4"},
    Alias{"cv2", "opencv-python-headless"},
    Alias{"dateutil", "python-dateutil"},
    Alias{"docx", "python-docx"},
    Alias{"dotenv", "python-dotenv"},
    Alias{"fitz", "pymupdf"},
    Alias{"git", "gitpython"},
    Alias{"google.protobuf", "protobuf"},
    Alias{"jwt", "pyjwt"},
    Alias{"magic", "python-magic"},
    Alias{"pkg_resources", "setuptools"},
    Alias{"pptx", "python-pptx"},
    Alias{"psycopg2", "psycopg2-binary"},
    Alias{"serial", "pyserial"},
    Alias{"skimage", "scikit-image"},
    Alias{"sklearn", "scikit-learn"},
    Alias{"yaml", "pyyaml"},
};

/// No name of a class says who made it.
constexpr std::array php_aliases{
    Alias{"Carbon", "nesbot/carbon"},
    Alias{"Doctrine\\DBAL", "doctrine/dbal"},
    Alias{"Doctrine\\ORM", "doctrine/orm"},
    Alias{"Dotenv", "vlucas/phpdotenv"},
    Alias{"Faker", "fakerphp/faker"},
    Alias{"Firebase\\JWT", "firebase/php-jwt"},
    Alias{"GuzzleHttp", "guzzlehttp/guzzle"},
    Alias{"Illuminate\\Support", "illuminate/support"},
    Alias{"League\\Csv", "league/csv"},
    Alias{"Monolog", "monolog/monolog"},
    Alias{"PHPUnit", "phpunit/phpunit"},
    Alias{"PhpOffice\\PhpSpreadsheet", "phpoffice/phpspreadsheet"},
    Alias{"PhpParser", "nikic/php-parser"},
    Alias{"Predis", "predis/predis"},
    Alias{"Psr\\Log", "psr/log"},
    Alias{"Ramsey\\Uuid", "ramsey/uuid"},
    Alias{"Symfony\\Component\\Console", "symfony/console"},
    Alias{"Symfony\\Component\\HttpClient", "symfony/http-client"},
    Alias{"Symfony\\Component\\Yaml", "symfony/yaml"},
    Alias{"Twig", "twig/twig"},
};

constexpr std::array lua_aliases{
    Alias{"cjson", "lua-cjson"},  Alias{"lfs", "luafilesystem"}, Alias{"lxp", "luaexpat"},
    Alias{"mime", "luasocket"},   Alias{"pl", "penlight"},       Alias{"posix", "luaposix"},
    Alias{"socket", "luasocket"}, Alias{"ssl", "luasec"},        Alias{"term", "lua-term"},
    Alias{"yaml", "lyaml"},
};

/// Parts of the standard library that an image may lack, and no package brings.
constexpr std::string_view standard = "distutils ensurepip idlelib lib2to3 test tkinter turtle";

/// @param separator  of the parts of a module's name
/// @return empty where the module's name says all
std::string alias_of(std::span<const Alias> aliases, std::string_view module, char separator)
{
    const auto is_meant = [&](const Alias& alias) {
        return module.starts_with(alias.module) &&
               (module.size() == alias.module.size() || module[alias.module.size()] == separator);
    };
    const auto alias = std::ranges::find_if(aliases, is_meant);
    return alias == aliases.end() ? "" : std::string(alias->package);
}

std::string python_package(std::string_view module)
{
    if (std::string package = alias_of(python_aliases, module, '.'); !package.empty()) return package;
    module = module.substr(0, module.find('.'));
    return std::ranges::count(words(standard), module) != 0 ? "" : std::string(module);
}

/// `lodash/fp` is of lodash, `@scope/name/part` of @scope/name; a path is of no package.
std::string npm_package(std::string_view module)
{
    if (module.starts_with('.') || module.starts_with('/') || module.find(':') != std::string_view::npos) return "";
    const std::size_t slash = module.find('/');
    const bool is_scoped = module.starts_with('@') && slash != std::string_view::npos;
    return std::string(module.substr(0, is_scoped ? module.find('/', slash + 1) : slash));
}

std::string php_package(std::string_view name)
{
    return alias_of(php_aliases, name, '\\');
}

std::string rock(std::string_view module)
{
    std::string known = alias_of(lua_aliases, module, '.');
    return known.empty() ? std::string(module.substr(0, module.find('.'))) : known;
}

std::string itself(std::string_view name)
{
    return std::string(name);
}

struct Complaint {
    std::string_view language;  ///< that its index is named after
    std::string_view before;
    std::string_view after;
    std::string (*package)(std::string_view name);
};

constexpr std::array complaints{
    Complaint{"python", "ModuleNotFoundError: No module named '", "'", python_package},
    Complaint{"javascript", "Cannot find module '", "'", npm_package},
    Complaint{"javascript", "Cannot find package '", "'", npm_package},
    Complaint{"go", "no required module provides package ", ":", itself},
    Complaint{"go", "no required module provides package ", ";", itself},
    Complaint{"ruby", "cannot load such file -- ", " (LoadError)", itself},
    Complaint{"r", "there is no package called ‘", "’", itself},
    Complaint{"php", "Error: Class \"", "\" not found", php_package},
    Complaint{"perl", "you may need to install the ", " module)", itself},
    Complaint{"lua", "module '", "' not found:", rock},
    Complaint{"rust", "unlinked crate `", "`", itself},
    Complaint{"rust", "undeclared crate or module `", "`", itself},
    Complaint{"rust", "can't find crate for `", "`", itself},
};

}  // namespace

std::optional<std::string> missing_library(std::string_view stderr_tail, const Language& language)
{
    const Result<const PackageIndex*> index = find_package_index(language);
    if (!index) return std::nullopt;
    for (const Complaint& complaint : complaints) {
        if (complaint.language != setting_of(**index)) continue;
        const std::size_t begin = stderr_tail.rfind(complaint.before);
        if (begin == std::string_view::npos) continue;
        const std::size_t name = begin + complaint.before.size();
        const std::size_t end = stderr_tail.find(complaint.after, name);
        if (end == std::string_view::npos) continue;
        std::string package = complaint.package(stderr_tail.substr(name, end - name));
        if ((*index)->is_requirement(package)) return package;
    }
    return std::nullopt;
}

}  // namespace sbx::cli
