patterns <- c("agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$")

text <- paste0(readLines(file("stdin")), "\n", collapse = "")
for (pattern in patterns) {
    found <- gregexpr(paste0("(?m)", pattern), text, perl = TRUE)[[1]]
    cat(pattern, sum(found > 0), "\n", sep = c(" ", "", ""))
}
bare <- gsub(">[^\n]*\n|\n", "", text)
marked <- gsub("([B-Y]+)", "<\\1>", bare, perl = TRUE)
cat(nchar(c(text, bare, marked)))
cat("\n")
