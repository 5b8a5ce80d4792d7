"""Deflates a file that becomes part of the binary (src/core/inflate.hpp).

usage: deflate.py FILE DEFLATED
"""

import pathlib
import sys
import zlib

content = pathlib.Path(sys.argv[1]).read_bytes()
pathlib.Path(sys.argv[2]).write_bytes(len(content).to_bytes(4, "big") + zlib.compress(content, 9))
