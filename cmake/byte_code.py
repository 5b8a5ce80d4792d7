"""Compiles a module that sandboxes import, so that its byte code is taken without a look at the source.

usage: byte_code.py SOURCE BYTE_CODE NAME      NAME: of the source, as tracebacks show it
"""

import py_compile
import sys

source, byte_code, name = sys.argv[1:]
py_compile.compile(
    source, byte_code, name, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
)
