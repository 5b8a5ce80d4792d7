# What every target of this project is compiled and linked with.
add_library(sbx_options INTERFACE)
target_compile_features(sbx_options INTERFACE cxx_std_20)
target_include_directories(sbx_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_options(sbx_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                                             -Woverloaded-virtual -Wimplicit-fallthrough
                                             # designated initializers name what differs from the default
                                             -Wno-missing-field-initializers)
if(SBX_WERROR)
    target_compile_options(sbx_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang's hold absolute paths and times, so that nothing compiled with one is ever found in ccache by another
    # clone; and they save it little.
    set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
else()
    target_compile_options(sbx_options INTERFACE -fpch-preprocess -Wno-mismatched-new-delete)
endif()
if(SBX_SANITIZE)
    target_compile_options(sbx_options INTERFACE -fsanitize=${SBX_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
    target_link_options(sbx_options INTERFACE -fsanitize=${SBX_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Loading a dozen shared libraries costs more than claiming a sandbox.
    target_compile_options(sbx_options INTERFACE -ffunction-sections -fdata-sections)
    target_link_options(sbx_options INTERFACE -static-libstdc++ -static-libgcc)
    if(NOT APPLE)
        target_link_options(sbx_options INTERFACE -Wl,--gc-sections -Wl,--exclude-libs,ALL)
        include(CheckLinkerFlag)
        check_linker_flag(CXX -Wl,-z,pack-relative-relocs SBX_LINKER_PACKS_RELOCATIONS)
        if(SBX_LINKER_PACKS_RELOCATIONS)
            target_link_options(sbx_options INTERFACE -Wl,-z,pack-relative-relocs)
        endif()
    endif()
endif()
