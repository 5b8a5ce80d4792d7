# Makes a virtual environment of what /work/requirements asks for (docs/libraries.md).
set -eu
target=/opt/sbx
export HOME=/work TMPDIR=/work PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 UV_NO_CACHE=1
export PIP_INDEX_URL="$SBX_INDEX" UV_INDEX_URL="$SBX_INDEX" UV_COMPILE_BYTECODE=1
if [ -n "${SBX_CERTIFICATES:-}" ]; then
    export SSL_CERT_FILE="$SBX_CERTIFICATES" PIP_CERT="$SBX_CERTIFICATES"
fi
case $SBX_INDEX in
http://*)  # whoever set such an index means it
    host=${SBX_INDEX#http://}
    export PIP_TRUSTED_HOST="${host%%[/:]*}" UV_INSECURE_HOST="${host%%[/:]*}"
    ;;
esac

python3 -m venv --without-pip --system-site-packages "$target"
python=$target/bin/python3
if command -v uv >/dev/null; then
    uv pip install --quiet --python "$python" --requirement /work/requirements
    uv pip freeze --python "$python" >"$target/.lock"
else
    if "$python" -c 'import pip' 2>/dev/null; then
        set -- -m pip
    else
        wheel=$(python3 /.sbx/install/pip.py /work)
        set -- "$wheel/pip"
    fi
    "$python" "$@" install --quiet --requirement /work/requirements
    "$python" "$@" freeze --local >"$target/.lock"
fi
