# sbx_embed(TARGET SYMBOL FILE): makes FILE's bytes part of TARGET as
#   extern "C" const char SYMBOL[]; extern "C" const char SYMBOL_end[];
# FILE may be made by the build; the target is rebuilt when it changes.
function(sbx_embed target symbol file)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.S)
    if(APPLE)
        set(section ".section __TEXT,__const")
        set(prefix "_")
        set(note "")
    else()
        set(section ".section .rodata")
        set(prefix "")
        set(note ".section .note.GNU-stack,\"\",%progbits")
    endif()
    file(CONFIGURE OUTPUT ${source} CONTENT
"${section}
.global ${prefix}${symbol}
.global ${prefix}${symbol}_end
.balign 16
${prefix}${symbol}:
.incbin \"${file}\"
${prefix}${symbol}_end:
.byte 0
${note}
")
    set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${file} SKIP_PRECOMPILE_HEADERS ON)
    target_sources(${target} PRIVATE ${source})
endfunction()

# sbx_embed_deflated(TARGET SYMBOL FILE): the same with the deflated file, which sbx::DeflatedFile reads.
function(sbx_embed_deflated target symbol file)
    set(deflated ${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.deflated)
    add_custom_command(
        OUTPUT ${deflated}
        COMMAND ${SBX_PYTHON} ${PROJECT_SOURCE_DIR}/cmake/deflate.py ${file} ${deflated}
        DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/deflate.py
        VERBATIM)
    sbx_embed(${target} ${symbol} ${deflated})
endfunction()
