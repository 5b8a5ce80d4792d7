# Installs what /work/composer.json and /work/requirements ask for (docs/libraries.md). Nothing of a library runs here.
set -eu
target=/opt/sbx
export HOME=/work COMPOSER_HOME=/work/.composer COMPOSER_NO_INTERACTION=1 COLUMNS=300
[ -z "${SBX_CERTIFICATES:-}" ] || export SSL_CERT_FILE="$SBX_CERTIFICATES"

secure=true
case $SBX_INDEX in
http://*) secure=false ;;  # whoever set such an index means it
esac
mkdir "$COMPOSER_HOME"
cat >"$COMPOSER_HOME/config.json" <<JSON
{"config": {"secure-http": $secure, "autoloader-suffix": "OfSbx"},
 "repositories": {"packagist.org": {"type": "composer", "url": "$SBX_INDEX"}}}
JSON
cd "$target"
echo '{}' >composer.json
for file in composer.json composer.lock; do
    [ ! -f "/work/$file" ] || cp "/work/$file" .
done
set -- --no-plugins --no-scripts --no-progress --prefer-dist --optimize-autoloader
if [ -f /work/requirements ]; then
    tr '\n' '\0' </work/requirements | xargs -0 composer require "$@" --no-audit --
else
    composer install "$@"
fi >/work/said 2>&1 || {
    sed '/^\(require\|install\) \[/d; s/ *$//; /^$/d' /work/said >&2  # without how it is used
    exit 1
}

mkdir settings
cat >settings/libraries.ini <<INI
auto_prepend_file = "$target/vendor/autoload.php"
include_path = "$(php -r 'echo get_include_path();'):$target"
INI
cp composer.lock .lock
