# Finds the Docker engine, or installs and starts one.
# shellcheck shell=bash

engine_log=/var/log/dockerd.log

engine_address() {
    echo "${DOCKER_HOST:-unix:///var/run/docker.sock}"
}

# Runs a command that talks to the engine, as root where the engine's socket refuses us.
with_engine() {
    local address
    address=$(engine_address)
    if [[ $address == unix://* && -S ${address#unix://} && ! -w ${address#unix://} ]]; then
        as_root "$@"
    else
        "$@"
    fi
}

# engine_request METHOD PATH [CURL OPTIONS...]: one request to the Engine API; fails on 4xx and 5xx.
engine_request() {
    local method=$1 path=$2 address
    shift 2
    address=$(engine_address)
    local options=(--silent --show-error --fail --request "$method" "$@")
    case $address in
        unix://*) with_engine curl "${options[@]}" --unix-socket "${address#unix://}" "http://engine$path" ;;
        tcp://*)
            if [[ -n ${DOCKER_TLS_VERIFY:-} ]]; then
                local keys=${DOCKER_CERT_PATH:-$HOME/.docker}
                options+=(--cacert "$keys/ca.pem" --cert "$keys/cert.pem" --key "$keys/key.pem")
                curl "${options[@]}" "https://${address#tcp://}$path"
            else
                curl "${options[@]}" "http://${address#tcp://}$path"
            fi
            ;;
        *) fail "DOCKER_HOST=$address is not understood by this script" "Use unix:// or tcp://." ;;
    esac
}

engine_answers() {
    [[ $(engine_request GET /_ping --max-time 5 2>/dev/null) == OK ]]
}

# Without systemd nobody has mounted the control groups that the engine needs.
mount_control_groups() {
    if ! grep --quiet '^cgroup' /proc/mounts; then
        install_packages cgroupfs-mount
        as_root cgroupfs-mount
    fi
}

launch_engine() {
    if [[ -d /run/systemd/system ]]; then
        as_root systemctl enable --now docker
    elif pidof dockerd >/dev/null; then
        echo "dockerd is already starting"
    else
        mount_control_groups
        # Ones that were killed leave their numbers behind, and by now those may be other processes.
        as_root rm -f /var/run/docker.pid
        pidof containerd >/dev/null || as_root rm -f /var/run/docker/containerd/containerd.pid
        echo "starting dockerd in the background; its log is $engine_log"
        # A session of its own: neither Ctrl-C nor the end of this script reaches it.
        # shellcheck disable=SC2016  # expanded by the inner shell
        as_root setsid --fork sh -c 'exec dockerd >>"$1" 2>&1 </dev/null' sh "$engine_log"
    fi
}

start_engine() {
    if engine_answers; then
        echo "an engine answers at $(engine_address)"
        return
    fi
    [[ -z ${DOCKER_HOST:-} ]] || fail "no engine answers at DOCKER_HOST=$DOCKER_HOST" \
        "Start it, or unset DOCKER_HOST to use an engine on this machine."
    has_commands dockerd || install_packages docker.io
    launch_engine
    for ((attempt = 0; attempt < 120; attempt++)); do
        if engine_answers; then
            echo "the engine answers at $(engine_address)"
            return
        fi
        sleep 0.5
    done
    [[ ! -r $engine_log ]] || tail -n 20 "$engine_log" >&2
    fail "the engine did not answer within 60 s" "Look at its log ($engine_log, or: journalctl -u docker)."
}
