# Configures and builds a preset of CMakePresets.json in build/<preset>.
# shellcheck shell=bash

# As many compilers as there are cores, but no more than memory bears: each may take 1.5 GiB.
compile_jobs() {
    local cores memory_kib by_memory
    cores=$(nproc)
    memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
    by_memory=$((memory_kib / 1572864))
    ((by_memory >= 1)) || by_memory=1
    echo $((cores < by_memory ? cores : by_memory))
}

# build_preset PRESET [CMAKE OPTIONS...]
build_preset() {
    local preset=$1
    shift
    cmake --preset "$preset" --log-level=WARNING "$@" >/dev/null
    cmake --build --preset "$preset" --parallel "$(compile_jobs)"
}
