# Installs the packages that /work/requirements asks for (docs/libraries.md).
set -eu
[ -z "${SBX_CERTIFICATES:-}" ] || export CURL_CA_BUNDLE="$SBX_CERTIFICATES"
# R only warns of what it cannot install.
HOME=/work exec Rscript - <<'R'
wanted <- readLines("/work/requirements")
install.packages(wanted, lib = "/opt/sbx", repos = Sys.getenv("SBX_INDEX"), quiet = TRUE)
there <- installed.packages(lib.loc = "/opt/sbx")
missed <- setdiff(wanted, rownames(there))
if (length(missed)) stop("not installed: ", paste(missed, collapse = ", "), call. = FALSE)
writeLines(paste(there[, "Package"], there[, "Version"]), "/opt/sbx/.lock")
R
