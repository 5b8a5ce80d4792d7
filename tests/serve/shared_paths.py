#!/usr/bin/env python3
"""The table of docs/shared-paths.md, from what a daemon says of its routes.

usage: shared_paths.py PORT      of a daemon that was started with --compat
"""

import json
import sys
import urllib.request

DIALECTS = ["native", "proxy", "app", "brainnet", "colima", "librechat"]
HEAD = """# Paths that several dialects have

Who answers on a listener that serves several of them, as `sbx serve --compat` does on port 8000. `/compat/NAME/…` reaches one alone.

| method and path | of | rule |
|---|---|---|
"""


def operations(port, prefix):
    with urllib.request.urlopen(f"http://localhost:{port}{prefix}/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    return {(method.upper(), path): operation for path, its in paths.items() for method, operation in its.items()}


def table(port):
    together = operations(port, "")
    apart = {name: operations(port, f"/compat/{name}") for name in DIALECTS}
    lines = []
    for method, path in together:
        owners = [name for name in DIALECTS if (method, path) in apart[name]]
        if path == "/openapi.json" or len(owners) < 2:
            continue
        rule = together[method, path]["description"].splitlines()[-1]
        lines.append(f"| `{method} {path}` | {', '.join(owners)} | {rule} |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    print(table(int(sys.argv[1])), end="")
