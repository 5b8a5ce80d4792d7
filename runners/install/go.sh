# Downloads the modules that /work/go.mod or /work/requirements ask for, and compiles them ahead (docs/libraries.md).
set -eu
target=/opt/sbx
export HOME=/work GOPATH=/work/go GOMODCACHE=$target/mod GOPROXY="$SBX_INDEX" GOFLAGS=-modcacherw GOTOOLCHAIN=local
[ -z "${SBX_CERTIFICATES:-}" ] || export SSL_CERT_FILE="$SBX_CERTIFICATES"

module=/work
if [ -f /work/go.mod ]; then
    cd /work
    go mod download
else
    module=$target/set
    mkdir "$module"
    cd "$module"
    go mod init libraries 2>/dev/null
fi
[ ! -f /work/requirements ] || tr '\n' '\0' </work/requirements | xargs -0 go get
# What of them cannot be compiled without more is compiled where a program wants it, or fails there.
packages=$(go list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}/...{{end}}' all)
[ -z "$packages" ] || go build $packages >/dev/null 2>&1 || true
[ ! -d /tmp/.go-cache ] || cp --recursive --no-dereference /tmp/.go-cache "$target/cache"
cd "$target"
go work init "$module"
cp "$module/go.sum" .lock
