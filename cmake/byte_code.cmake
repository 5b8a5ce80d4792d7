# sbx_byte_code(PATH): compiles runners/PATH.py for the Python of our images, or for another one where this machine does
# not have that: it lies beside the source under the name of its version, and other versions take the source.
# `byte_code_path` is where the file belongs in the agent's volume; it is made in ${PROJECT_BINARY_DIR}/agent.
find_program(SBX_PYTHON NAMES python3.11 python3 REQUIRED DOC "Compiles what sandboxes import")
execute_process(COMMAND ${SBX_PYTHON} -c "import sys; print(sys.implementation.cache_tag)"
                OUTPUT_VARIABLE python_tag OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

function(sbx_byte_code module)
    cmake_path(GET module PARENT_PATH folder)
    cmake_path(GET module FILENAME name)
    set(path ${folder}/__pycache__/${name}.${python_tag}.pyc)
    set(source ${PROJECT_SOURCE_DIR}/runners/${module}.py)
    add_custom_command(
        OUTPUT ${PROJECT_BINARY_DIR}/agent/${path}
        COMMAND ${SBX_PYTHON} ${PROJECT_SOURCE_DIR}/cmake/byte_code.py ${source} ${PROJECT_BINARY_DIR}/agent/${path}
                /.sbx/${module}.py
        DEPENDS ${source} ${PROJECT_SOURCE_DIR}/cmake/byte_code.py
        VERBATIM)
    set(byte_code_path ${path} PARENT_SCOPE)
endfunction()
