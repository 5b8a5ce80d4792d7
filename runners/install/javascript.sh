# Installs what /work/package.json and /work/requirements ask for (docs/libraries.md).
set -eu
export HOME=/work npm_config_cache=/work/.npm npm_config_registry="$SBX_INDEX" npm_config_loglevel=error
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false npm_config_progress=false
if [ -n "${SBX_CERTIFICATES:-}" ]; then
    export NODE_EXTRA_CA_CERTS="$SBX_CERTIFICATES" npm_config_cafile="$SBX_CERTIFICATES"
fi

if command -v npm >/dev/null; then
    set -- npm
else
    program=$(node /.sbx/install/npm.cjs /work)
    set -- node "$program"
fi
cd /opt/sbx
if [ -f /work/package-lock.json ]; then
    cp /work/package.json /work/package-lock.json .
    "$@" ci
elif [ -f /work/package.json ]; then
    cp /work/package.json .
    "$@" install
else
    echo '{"private": true}' >package.json
fi
[ ! -f /work/requirements ] || tr '\n' '\0' </work/requirements | xargs -0 "$@" install
mkdir -p node_modules
cp package-lock.json node_modules/.lock
