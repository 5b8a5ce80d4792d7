# Packages of npm whose files become part of the binary: fetched once, then kept in SBX_NPM_CACHE, and only taken as they
# were when their version was chosen.
set(SBX_NPM_CACHE "$ENV{HOME}/.cache/sbx-build" CACHE PATH "Where packages of npm are kept")

# sbx_npm_package(NAME VERSION SHA512 DIRECTORY): unpacks it, and sets DIRECTORY to where its files are.
function(sbx_npm_package name version sha512 directory)
    set(archive ${SBX_NPM_CACHE}/${name}-${version}.tgz)
    if(NOT EXISTS ${archive})
        find_program(SBX_NPM npm DOC "Fetches what the API's pages are made of")
        set(advice "Install npm, or put ${name}-${version}.tgz into ${SBX_NPM_CACHE}, or build without the pages: -DSBX_API_PAGES=OFF")
        if(NOT SBX_NPM)
            message(FATAL_ERROR "/docs and /redoc need the package ${name} ${version} of npm, and there is no npm.\n${advice}")
        endif()
        message(STATUS "Fetching ${name} ${version} with npm")
        file(MAKE_DIRECTORY ${SBX_NPM_CACHE})
        execute_process(
            COMMAND ${SBX_NPM} pack --silent --pack-destination ${SBX_NPM_CACHE} ${name}@${version}
            OUTPUT_QUIET ERROR_VARIABLE said RESULT_VARIABLE failed)
        if(failed OR NOT EXISTS ${archive})
            message(FATAL_ERROR "npm cannot fetch ${name} ${version}: ${said}\n${advice}")
        endif()
    endif()
    file(SHA512 ${archive} found)
    if(NOT found STREQUAL sha512)
        message(FATAL_ERROR "${archive} is not ${name} ${version} as sbx knows it: its SHA-512 is ${found}.\n"
                            "Remove it to have it fetched again.")
    endif()
    set(unpacked ${PROJECT_BINARY_DIR}/npm/${name}-${version})
    if(NOT EXISTS ${unpacked}/package)
        file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${unpacked})
    endif()
    set(${directory} ${unpacked}/package PARENT_SCOPE)
endfunction()
