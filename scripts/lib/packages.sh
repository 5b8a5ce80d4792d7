# Installs Debian packages, only those that are missing.
# shellcheck shell=bash

# shellcheck disable=SC2034  # the lists are used by the scripts
build_packages=(
    cmake ninja-build ccache g++ g++-aarch64-linux-gnu pkg-config python3 git ca-certificates curl
    libboost1.81-dev libboost-url1.81-dev libssl-dev libarchive-dev libedit-dev libsqlite3-dev zlib1g-dev
    nlohmann-json3-dev rapidjson-dev libtomlplusplus-dev libfmt-dev libcli11-dev
)
# What the tests need on top: the second compiler with its tools, emulation for the other architecture, test runners.
# shellcheck disable=SC2034
test_packages=(
    catch2 clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev llvm-16 qemu-user-static
    shellcheck jq python3-pytest python3-pytest-xdist python3-prometheus-client
    python3-websocket python3-websockets man-db mandoc zsh fish docker-registry docker-compose
    postgresql chromium chromium-driver python3-selenium systemd
)

# Debian's package makes a database and starts a server for it; tests make and start their own.
prevent_database() {
    ! is_installed postgresql-common || return 0
    as_root install -D --mode=644 /dev/stdin /etc/postgresql-common/createcluster.d/no-main.conf \
        <<<'create_main_cluster = false'
}

is_installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# has_commands NAME...: whether all are on PATH.
has_commands() {
    command -v "$@" >/dev/null && (($(command -v "$@" | wc -l) == $#))
}

# install_packages NAME...
install_packages() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        echo "already installed: all $# packages"
        return
    fi
    command -v apt-get >/dev/null || fail "these packages are needed: ${missing[*]}" "Install them and run this again."
    echo "installing: ${missing[*]}"
    as_root apt-get update --quiet=2 || echo "some package lists could not be refreshed; going on with what is there"
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get install --yes --quiet=2 --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
}
