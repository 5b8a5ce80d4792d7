lines <- readLines(file("stdin"))
starts <- grep("^>", lines)
ends <- c(starts[-1] - 1, length(lines))

for (i in seq_along(starts)) {
    text <- paste(lines[(starts[i] + 1):ends[i]], collapse = "")
    text <- chartr("ACGTBDHKMNRSVWYacgt", "TGCAVHDMKNYSBWRTGCA", intToUtf8(rev(utf8ToInt(text))))
    at <- seq(1, nchar(text), 60)
    writeLines(c(lines[starts[i]], substring(text, at, at + 59)))
}
