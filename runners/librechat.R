# Has plots that R would put into Rplots.pdf become plot_<n>.png in the directory that the program starts in.
# usage: R_PROFILE_USER=librechat.R Rscript FILE. docs/dialects.md, "librechat".
invisible(local({
    start <- getwd()
    pages <- file.path(tempdir(), "sbx-pages")

    # The first n that no file has.
    free_name <- function() {
        n <- 1
        while (file.exists(name <- file.path(start, sprintf("plot_%d.png", n)))) n <- n + 1
        name
    }

    # Each device has pages of its own, which come out at the end: only then are all of them whole.
    opened <- 0
    open_device <- function(width = 7, height = 7, ...) {
        opened <<- opened + 1
        dir.create(pages, showWarnings = FALSE)
        pattern <- file.path(pages, sprintf("%05d-%%05d.png", opened))
        kind <- if (isTRUE(capabilities("cairo")[[1]])) "cairo" else getOption("bitmapType")
        grDevices::png(pattern, width = width, height = height, units = "in", res = 100, type = kind)
    }

    take_pages <- function(...) {
        if (opened == 0) return(invisible())
        grDevices::graphics.off()
        for (page in sort(list.files(pages, full.names = TRUE))) file.copy(page, free_name())
    }

    options(device = open_device)
    reg.finalizer(environment(), take_pages, onexit = TRUE)
}))
