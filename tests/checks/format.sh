#!/usr/bin/env bash
# Every C++ file is as clang-format leaves it.
set -euo pipefail
git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-16 --dry-run --Werror
