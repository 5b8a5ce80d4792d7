# Makes the base image and the images of the languages, none of which needs a registry.
# shellcheck shell=bash

base_image=debian:bookworm-slim

has_image() {
    engine_request GET "/images/$1/json" --output /dev/null 2>/dev/null
}

# The same as the published one in all that matters here: a minimal Debian 12 without manuals and translations.
import_base_image() {
    install_packages mmdebstrap
    make_scratch
    local archive=$scratch/base.tar
    as_root mmdebstrap --quiet --variant=minbase \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        bookworm "$archive"
    engine_request POST \
        "/images/create?fromSrc=-&repo=${base_image%:*}&tag=${base_image#*:}&changes=CMD%20%5B%22bash%22%5D" \
        --header 'Content-Type: application/x-tar' --upload-file "$archive" --output /dev/null
    as_root rm -f "$archive"
}

make_base_image() {
    if has_image "$base_image"; then
        echo "$base_image is there"
        return
    fi
    engine_request POST "/images/create?fromImage=${base_image%:*}&tag=${base_image#*:}" \
        --output /dev/null --max-time 300 2>/dev/null || true
    if has_image "$base_image"; then
        echo "pulled $base_image"
        return
    fi
    echo "$base_image cannot be pulled; making it from Debian's packages"
    import_base_image
    has_image "$base_image" || fail "the engine did not take the base image"
}

# build_images SBX NAME...: builds those of our own images that are missing.
build_images() {
    local sbx=$1 version name
    version=$(<"$root/images/VERSION")
    shift
    for name in "$@"; do
        if has_image "sbx/$name:$version"; then
            echo "sbx/$name:$version is there"
        else
            echo "building sbx/$name:$version"
            with_engine "$sbx" image build "$name"
        fi
    done
}

# build_image TAG DIRECTORY NAME=VALUE: builds a Dockerfile that is not one of sbx's own, with one build argument.
build_image() {
    local tag=$1 directory=$2 argument=$3 answer
    make_scratch
    answer=$scratch/build.json
    # The argument as a JSON object, percent-encoded: {"NAME":"VALUE"}.
    tar -C "$directory" -c Dockerfile |
        engine_request POST "/build?t=$tag&buildargs=%7B%22${argument%%=*}%22%3A%22${argument#*=}%22%7D" \
            --header 'Content-Type: application/x-tar' --upload-file - --output "$answer"
    if grep --quiet '"errorDetail"' "$answer"; then
        cat "$answer" >&2
        fail "the image $tag was not built"
    fi
}
