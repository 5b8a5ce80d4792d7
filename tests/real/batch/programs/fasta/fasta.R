sequence <- strsplit("GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC", "")[[1]]
bases <- rep(c("a", "c", "g", "t"), c(30, 20, 20, 30))
codes <- c(rep(c("a", "c", "g", "t"), c(27, 12, 12, 27)), rep(strsplit("BDHKMNRSVWY", "")[[1]], each = 2))

seeds <- Reduce(function(seed, i) (seed * 1366 + 150889) %% 714025, seq_len(8000), 42, accumulate = TRUE)[-1]
numbers <- (seeds * 100) %/% 714025 + 1

write <- function(title, letters) {
    cat(">", title, "\n", sep = "")
    lines <- split(letters, (seq_along(letters) - 1) %/% 60)
    writeLines(vapply(lines, paste, "", collapse = ""))
}

write("ONE repeated", rep_len(sequence, 2000))
write("TWO drawn from all codes", codes[numbers[1:3000]])
write("THREE drawn from four bases", bases[numbers[3001:8000]])
