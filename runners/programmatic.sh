#!/bin/bash
# One call of a tool, for a function of a program of bash (runners/python/programmatic_bash.py): a shell of its own, to which
# nothing of the program's options, functions and variables matters.
# usage: bash -p programmatic.sh DIRECTORY NUMBER <INPUT
# Prints the result, or the tool's words on stderr and returns 1.
PATH=/usr/local/bin:/usr/bin:/bin
IFS=$' \t\n'
umask 077

input=$1/input.$$
answer=$1/answer.$$
result=$1/result.$$
trap 'rm -f "$input" "$answer" "$result"' EXIT

[[ ! -e $answer ]] || rm -f "$answer"  # of one that was killed
mkfifo "$answer" || exit 1
# Open for both before anybody is told: who answers finds a reader, or knows that there is none any more.
exec 4<> "$answer"
# As few programs as can be: many calls shall come at once.
printf '%s' "$(< /dev/stdin)" > "$input"
printf '%s %s\n' "$2" "$$" > "$1/requests"
read -r failed <&4
[[ $failed == 0 ]] || exec >&2
printf '%s\n' "$(< "$result")"
exit "$failed"
