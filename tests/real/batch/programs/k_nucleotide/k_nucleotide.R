lines <- readLines(file("stdin"))
text <- toupper(paste(lines[-(1:grep("^>THREE", lines))], collapse = ""))

words <- function(length) {
    starts <- seq_len(nchar(text) - length + 1)
    substring(text, starts, starts + length - 1)
}

for (length in 1:2) {
    shares <- prop.table(table(words(length))) * 100
    shares <- shares[order(-shares, names(shares))]
    cat(sprintf("%s %.3f\n", names(shares), shares), "\n", sep = "")
}
for (word in c("GAT", "GATT", "GATTA", "GATTACA")) cat(sum(words(nchar(word)) == word), " ", word, "\n", sep = "")
