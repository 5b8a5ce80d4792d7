# Writes the SHA-256 of FILE as a C++ string literal INTO another.
file(SHA256 ${FILE} sum)
file(WRITE ${INTO} "\"${sum}\"\n")
