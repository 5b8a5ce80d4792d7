# Libraries of the distribution (Debian 12 or newer). Release links the static ones.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT APPLE)
    set(Boost_USE_STATIC_LIBS ON)
    set(OPENSSL_USE_STATIC_LIBS ON)
    set(ZLIB_USE_STATIC_LIBS ON)
    set(SBX_LIBRARY_SUFFIXES .a .so)
else()
    set(SBX_LIBRARY_SUFFIXES .so .a)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)

# The package's library is a shared one, which would bring a shared libstdc++ with it.
add_library(sbx_fmt INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_libraries(sbx_fmt INTERFACE fmt::fmt-header-only)
else()
    target_link_libraries(sbx_fmt INTERFACE fmt::fmt)
endif()

set(CMAKE_FIND_LIBRARY_SUFFIXES_SAVED ${CMAKE_FIND_LIBRARY_SUFFIXES})
set(CMAKE_FIND_LIBRARY_SUFFIXES ${SBX_LIBRARY_SUFFIXES})
find_package(LibArchive REQUIRED)
# The daemon's store.
find_path(SQLITE_INCLUDE_DIR sqlite3.h REQUIRED)
find_library(SQLITE_LIBRARY sqlite3 REQUIRED)
add_library(sbx_sqlite INTERFACE)
target_include_directories(sbx_sqlite SYSTEM INTERFACE ${SQLITE_INCLUDE_DIR})
target_link_libraries(sbx_sqlite INTERFACE ${SQLITE_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS})
if(SQLITE_LIBRARY MATCHES "\\.a$")
    target_link_libraries(sbx_sqlite INTERFACE m)
endif()
# The line editor of `sbx repl`; its static library needs its own libraries named.
find_path(LIBEDIT_INCLUDE_DIR histedit.h REQUIRED)
find_library(LIBEDIT_LIBRARY edit REQUIRED)
add_library(sbx_libedit INTERFACE)
target_link_libraries(sbx_libedit INTERFACE ${LIBEDIT_LIBRARY})
if(LIBEDIT_LIBRARY MATCHES "\\.a$")
    foreach(name tinfo bsd md)
        find_library(LIBEDIT_NEEDS_${name} ${name} REQUIRED)
        target_link_libraries(sbx_libedit INTERFACE ${LIBEDIT_NEEDS_${name}})
    endforeach()
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES ${CMAKE_FIND_LIBRARY_SUFFIXES_SAVED})

find_path(RAPIDJSON_INCLUDE_DIR rapidjson/rapidjson.h REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)

# Asio and Beast are compiled once, in src/core/asio_impl.cpp.
add_library(sbx_boost INTERFACE)
target_link_libraries(sbx_boost INTERFACE Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(sbx_boost INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                                               BOOST_ASIO_NO_DEPRECATED)
