# Says what a script is doing, step by step, and what it was doing when it stopped.
# shellcheck shell=bash

current_step="starting"

# step TEXT: begins a step; the time is counted from the start of the script.
step() {
    current_step=$1
    printf '\n==> %02d:%02d  %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$1"
}

# fail MESSAGE [HINT]: ends the script, saying what to do next.
fail() {
    printf '\nerror: %s\n' "$1" >&2
    [[ -z ${2:-} ]] || printf '%s\n' "$2" >&2
    explained=1
    exit 1
}

scratch=""

# Sets $scratch to a directory that is gone when the script ends, however it ends.
make_scratch() {
    [[ -n $scratch ]] || scratch=$(mktemp -d)
}

finish() {
    local status=$?
    [[ -z $scratch ]] || rm -rf "$scratch"
    if ((status != 0)) && [[ -z ${explained:-} ]]; then
        printf '\nstopped (exit code %d) during: %s\nNothing is left half-done: run it again.\n' \
            "$status" "$current_step" >&2
    fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command as root: directly, or through sudo.
as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}
