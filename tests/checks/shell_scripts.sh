#!/usr/bin/env bash
# Every shell script is clean under shellcheck.
set -euo pipefail
git grep -l -z -E '^#!.*\b(bash|sh)$' -- scripts .ci tests packaging completions | xargs -0 shellcheck --external-sources --check-sourced
