import codecs
import io
import locale
import sys

for name in ("latin-1", "cp1252", "utf-16", "utf-32-le", "shift_jis", "idna", "punycode"):
    print(name, codecs.lookup(name).name, "é".encode(name, "replace"))
print(locale.getpreferredencoding(), locale.getpreferredencoding(False), io.TextIOWrapper(io.BytesIO()).encoding)
print(sys.stdout.encoding, sys.stdout.errors)
