#!/usr/bin/env bash
# Folders depend one way: cli -> daemon -> core -> wire <- agent.
set -euo pipefail

# forbid FOLDER PATTERN: no file of FOLDER includes a path that begins with PATTERN.
status=0
forbid() {
    if git grep -n -E "#include \"($2)/" -- "$1"; then
        echo "$1 must not include $2" >&2
        status=1
    fi
}

forbid src/core 'daemon|cli|agent'
forbid src/daemon 'cli|agent'
forbid src/agent 'core/(config|docker|lang|net|sandbox|store)|daemon|cli'
forbid src/core/wire 'core/(config|docker|lang|net|sandbox|store)'
forbid include/sbx 'core|daemon|cli|agent'
exit "$status"
