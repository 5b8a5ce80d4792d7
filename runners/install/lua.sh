# Installs the rocks that /work/requirements asks for (docs/libraries.md).
set -eu
target=/opt/sbx
export HOME=/work LUAROCKS_CONFIG=/work/config.lua
[ -z "${SBX_CERTIFICATES:-}" ] || echo "ca_certificate = $SBX_CERTIFICATES" >/work/.wgetrc

cd /work
echo 'check_certificates = true' >config.lua
# LuaRocks wants to see the header of Lua, even where nothing is compiled.
if [ ! -e /usr/include/lua5.4/lua.h ]; then
    echo '#define LUA_VERSION_NUM 504' >lua.h
    echo 'variables = { LUA_INCDIR = "/work" }' >>config.lua
fi
{
    printf 'rockspec_format = "3.0"\npackage = "libraries"\nversion = "1-1"\nsource = { url = "" }\ndependencies = {\n'
    sed 's/@/ /; s/.*/    "&",/' requirements
    echo '}'
} >libraries-1-1.rockspec
# LuaRocks does not say what is wrong with an index that it cannot read.
wget --no-verbose --output-document /dev/null "${SBX_INDEX%/}/manifest-5.4"
luarocks --only-server "$SBX_INDEX" --tree "$target" install --only-deps libraries-1-1.rockspec >said 2>&1 || {
    tail -n 6 said >&2
    command -v gcc >/dev/null || ! grep --quiet 'gcc\|C compiler' said ||
        echo "a part of it is in C, and the image has no compiler: --template ./Dockerfile" >&2
    exit 1
}
luarocks --tree "$target" list --porcelain >"$target/.lock"
