# Builds src/agent for every architecture that sandboxes run on, and embeds the programs in sbx_agent_images, with the
# runners that lie beside the agent in its volume.
include(ExternalProject)

add_library(sbx_agent_images STATIC ${PROJECT_SOURCE_DIR}/src/core/wire/agent_images.cpp)
target_link_libraries(sbx_agent_images PUBLIC sbx_base)
target_include_directories(sbx_agent_images PRIVATE ${PROJECT_BINARY_DIR}/agent)

file(GLOB runners RELATIVE ${PROJECT_SOURCE_DIR}/runners CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/runners/kernel.* ${PROJECT_SOURCE_DIR}/runners/install/* ${PROJECT_SOURCE_DIR}/runners/javascript/*.*js
    ${PROJECT_SOURCE_DIR}/runners/python/*.py ${PROJECT_SOURCE_DIR}/runners/python/sbx_kernel/*.py
    ${PROJECT_SOURCE_DIR}/runners/python/plots/*.py ${PROJECT_SOURCE_DIR}/runners/librechat.R ${PROJECT_SOURCE_DIR}/runners/programmatic.sh)
set(runner_rows "")
set(runner_files "")
function(sbx_add_runner path directory)
    string(MAKE_C_IDENTIFIER sbx_runner_${path} symbol)
    sbx_embed_deflated(sbx_agent_images ${symbol} ${directory}/${path})
    set(runner_files ${runner_files} ${directory}/${path} PARENT_SCOPE)
    set(runner_rows "${runner_rows}SBX_RUNNER(\"${path}\", ${symbol}, ${symbol}_end)\n" PARENT_SCOPE)
endfunction()
foreach(runner IN LISTS runners)
    sbx_add_runner(${runner} ${PROJECT_SOURCE_DIR}/runners)
endforeach()
sbx_byte_code(python/sitecustomize)
sbx_add_runner(${byte_code_path} ${PROJECT_BINARY_DIR}/agent)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/agent/runners.inc CONTENT "${runner_rows}")

foreach(architecture amd64 arm64)
    set(directory ${PROJECT_BINARY_DIR}/agent/${architecture})
    ExternalProject_Add(agent_${architecture}
        SOURCE_DIR ${PROJECT_SOURCE_DIR}/src/agent
        BINARY_DIR ${directory}
        CMAKE_GENERATOR Ninja
        CMAKE_ARGS --toolchain ${PROJECT_SOURCE_DIR}/cmake/toolchains/linux-${architecture}.cmake
                   -DCMAKE_BUILD_TYPE=Release
                   "-DCMAKE_CXX_FLAGS_RELEASE=-Os -DNDEBUG"
                   -DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE}
                   -DSBX_AGENT_BUILD=${PROJECT_VERSION}
        BUILD_ALWAYS ON
        BUILD_BYPRODUCTS ${directory}/agent
        INSTALL_COMMAND "")
    add_custom_command(
        OUTPUT ${directory}/sha256.inc
        COMMAND ${CMAKE_COMMAND} -DINTO=${directory}/sha256.inc -P ${PROJECT_SOURCE_DIR}/cmake/sha256.cmake --
                ${directory}/agent ${runner_files}
        DEPENDS agent_${architecture} ${directory}/agent ${runner_files}
        VERBATIM)
    target_sources(sbx_agent_images PRIVATE ${directory}/sha256.inc)
    sbx_embed_deflated(sbx_agent_images sbx_agent_${architecture} ${directory}/agent)
endforeach()
