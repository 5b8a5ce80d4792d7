#!/usr/bin/env bash
# A command line of its own: getopts, functions, exit codes, what comes on standard input.
set -euo pipefail

usage() { echo "usage: options.sh [-u] [-r TIMES] NAME" >&2; exit 64; }
upper=false times=1
while getopts 'ur:' option; do
    case $option in
        u) upper=true ;;
        r) times=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
(($# == 1)) || usage

name=$1
if $upper; then name=${name^^}; fi
for ((i = 0; i < times; i++)); do echo "hello, $name"; done
lines=0
while IFS= read -r line || [[ -n $line ]]; do lines=$((lines + 1)) last=$line; done
echo "$lines lines on stdin, the last is '$last'"
exit $((times + 10))
