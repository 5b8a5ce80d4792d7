# The R kernel: evaluates cells in the global environment and answers on channels 3 and 4 (docs/kernels.md).
#
# R can't open descriptors by number, so two programs carry the channels. All of the kernel is in one environment, which
# cells don't see.

local(envir = new.env(parent = baseenv()), {
    owner_gone <- 70L
    text_cap <- 2^20
    value_cap <- 6 * 2^20 # 8 MiB as base64
    execution_cap <- 24 * 2^20
    traceback_cap <- 256 * 2^10
    error_cap <- 64 * 2^10
    most_variables <- 500L
    most_matches <- 500L
    repr_length <- 200L

    # R would not heed SIGINT while it waits for a line: a line of the shell's own comes then.
    signal_line <- "\003"
    requests <- pipe("cat <&3 4>&- & trap 'echo \003' INT; while kill -0 $! 2>&-; do wait; done 4>&-", "rb")
    answers <- pipe("trap '' INT; exec cat >&4 3<&-", "wb")
    count <- 0L
    current <- NULL
    sources <- new.env()
    line <- 1L # of the cell, where the expression under way begins
    typed <- FALSE # whether who runs the cell types what it reads
    given <- "" # what it reads otherwise

    # ---- JSON

    quoted <- function(text) {
        text <- iconv(enc2utf8(text), "UTF-8", "UTF-8", sub = "\ufffd")
        text <- gsub("\\", "\\\\", text, fixed = TRUE)
        text <- gsub("\"", "\\\"", text, fixed = TRUE)
        controls <- regmatches(text, gregexpr("[\\x01-\\x1f\\x7f]", text, perl = TRUE))
        for (character in unique(unlist(controls)))
            text <- gsub(character, sprintf("\\u%04x", utf8ToInt(character)), text, fixed = TRUE)
        paste0("\"", text, "\"")
    }

    # Names make an object, a list an array; whatever else is one value.
    json <- function(value) {
        if (is.null(value)) return("null")
        if (inherits(value, "json")) return(unclass(value))
        if (is.list(value)) {
            items <- vapply(value, json, "")
            if (is.null(names(value))) return(paste0("[", paste(items, collapse = ","), "]"))
            return(paste0("{", paste0(quoted(names(value)), ":", items, collapse = ","), "}"))
        }
        if (is.character(value)) quoted(value) else if (is.logical(value)) tolower(value) else format(value, scientific = FALSE)
    }
    empty_object <- structure("{}", class = "json")

    # The text of the strings and the numbers' words of one line of JSON, as R's own lists.
    parse_json <- function(line) {
        at <- 1L
        tokens <- regmatches(line, gregexpr("\"(?:[^\"\\\\]|\\\\.)*\"|[][{}:,]|[^][{}:,\"\\s]+|\"", line, perl = TRUE))[[1L]]
        take <- function() {
            token <- if (at <= length(tokens)) tokens[[at]] else stop("it ends early")
            at <<- at + 1L
            token
        }
        value <- function() {
            token <- take()
            if (token == "{" || token == "[") return(items(token == "{"))
            if (startsWith(token, "\"")) return(unquoted(token))
            if (token == "null") return(NULL)
            if (token %in% c("true", "false")) return(token == "true")
            if (!grepl("^-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$", token)) stop("what is '", substr(token, 1L, 40L), "'")
            as.numeric(token)
        }
        items <- function(named) {
            close <- if (named) "}" else "]"
            result <- list()
            if (identical(tokens[at], close)) return(if (is.null(take())) NULL else result)
            repeat {
                name <- if (named) value() else length(result) + 1L
                if (named && (!is.character(name) || take() != ":")) stop("a name is missing")
                result[name] <- list(value())
                token <- take()
                if (token == close) return(result)
                if (token != ",") stop("a comma is missing")
            }
        }
        result <- value()
        if (at <= length(tokens)) stop("more than one value")
        result
    }

    unquoted <- function(token) {
        if (token == "\"") stop("a string has no end")
        text <- substr(token, 2L, nchar(token) - 1L)
        if (!grepl("\\", text, fixed = TRUE)) return(text)
        found <- gregexpr("\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\\\u[0-9a-fA-F]{4}|\\\\.", text, perl = TRUE)
        regmatches(text, found) <- lapply(regmatches(text, found), function(escapes) {
            different <- unique(escapes)
            vapply(different, unescaped, "")[match(escapes, different)]
        })
        text
    }

    unescaped <- function(escape) {
        letter <- substr(escape, 2L, 2L)
        if (letter != "u") {
            known <- c(b = "\b", f = "\f", n = "\n", r = "\r", t = "\t")
            return(if (letter %in% names(known)) known[[letter]] else letter)
        }
        code <- strtoi(substr(escape, 3L, 6L), 16L)
        if (nchar(escape) == 12L)
            code <- 0x10000 + bitwAnd(code, 0x3ffL) * 1024 + bitwAnd(strtoi(substr(escape, 9L, 12L), 16L), 0x3ffL)
        if (code == 0) stop("a null byte, which no string of R can hold")
        if (code >= 0xd800 && code < 0xe000) "\ufffd" else intToUtf8(code)
    }

    # ---- Answers

    say <- function(type, ...) {
        flush(stdout())
        flush(stderr())
        line <- paste0(json(c(list(type = type, id = current), list(...))), "\n")
        tryCatch({
            writeBin(charToRaw(enc2utf8(line)), answers)
            flush(answers)
        }, error = function(problem) base_quit(save = "no", status = owner_gone))
    }

    left <- NULL # the status that the cell's `quit` gave

    done <- function(status) {
        force(status) # only then the request has been served
        if (is.null(left)) say("done", status = status, execution_count = count)
        else say("done", status = status, execution_count = count, exit_code = left)
    }

    cut_text <- function(text, bytes) {
        text <- enc2utf8(text)
        if (nchar(text, "bytes") <= bytes) return(text)
        iconv(rawToChar(charToRaw(text)[seq_len(bytes)]), "UTF-8", "UTF-8", sub = "")
    }

    fail <- function(name, value, traceback, frames = list())
        say("error", name = name, value = cut_text(value, error_cap), traceback = cut_text(traceback, traceback_cap), frames = frames)

    refuse <- function(text) fail("ProtocolError", text, paste0(text, "\n"))

    # ---- What cells find

    own_file <- file

    given_lines <- function() textConnection(if (nzchar(given)) strsplit(given, "\n", fixed = TRUE)[[1L]] else character())

    typed_line <- function() {
        say("input")
        repeat {
            line <- readLines(requests, 1L, warn = FALSE, encoding = "UTF-8")
            Sys.sleep(0) # an interrupt that has come ends the cell here
            if (!identical(line, signal_line)) break
        }
        request <- if (length(line)) tryCatch(parse_json(line), error = function(problem) NULL)
        if (identical(request$type, "input") && identical(request$id, current)) sub("\n$", "", request$text) else ""
    }

    first_given <- function() {
        lines <- strsplit(given, "\n", fixed = TRUE)[[1L]]
        given <<- paste0(lines[-1L], "\n", collapse = "")
        if (length(lines)) lines[[1L]] else ""
    }

    # Replaces functions of R's own, for all that call them.
    prepare <- function() {
        here <- environment(prepare)
        replacements <- list(
            stdin = function() given_lines(),
            file = function(description = "", ...) if (identical(description, "stdin")) given_lines() else own_file(description, ...),
            readline = function(prompt = "") {
                cat(prompt)
                if (typed) typed_line() else first_given()
            },
            quit = function(save = "default", status = 0, runLast = TRUE)
                stop(structure(class = c("ProcessExit", "error", "condition"), list(message = as.character(status), call = NULL)))
        )
        replacements$q <- replacements$quit
        for (name in names(replacements)) {
            new <- replacements[[name]]
            environment(new) <- here
            unlockBinding(name, baseenv())
            assign(name, new, baseenv())
            lockBinding(name, baseenv())
        }
        options(warn = 1, keep.source = TRUE, device = plot_device, browser = "false", pager = "cat")
    }

    # ---- Figures

    figures <- tempfile("figures")
    own_devices <- integer() # those that no cell has asked for by name
    plot_device <- function(...) {
        grDevices::png(file.path(figures, "%06d.png"), width = 800, height = 600, res = 110, type = "cairo")
        own_devices <<- c(own_devices, grDevices::dev.cur())
    }

    show_figures <- function() {
        for (device in intersect(own_devices, grDevices::dev.list())) grDevices::dev.off(device)
        own_devices <<- integer()
        shown <- 0
        for (path in sort(list.files(figures, full.names = TRUE))) {
            size <- file.size(path)
            fits <- size <= value_cap && shown + size <= execution_cap
            if (fits) {
                shown <- shown + size
                say("display", data = list("image/png" = base64(readBin(path, "raw", size))), metadata = empty_object)
            } else {
                say("display", data = empty_object, metadata = empty_object, truncated = list("image/png"))
            }
            unlink(path)
        }
    }

    base64 <- function(bytes) {
        letters64 <- c(LETTERS, letters, 0:9, "+", "/")
        padding <- -length(bytes) %% 3L
        values <- matrix(as.integer(c(bytes, raw(padding))), nrow = 3L)
        whole <- values[1L, ] * 65536L + values[2L, ] * 256L + values[3L, ]
        places <- rbind(whole %/% 262144L, whole %/% 4096L %% 64L, whole %/% 64L %% 64L, whole %% 64L)
        text <- letters64[places + 1L]
        if (padding) text[length(text) - seq_len(padding) + 1L] <- "="
        paste(text, collapse = "")
    }

    # ---- Running cells

    parsed <- function(code, name) {
        lines <- strsplit(code, "\n", fixed = TRUE)[[1L]]
        parse(text = code, srcfile = srcfilecopy(name, lines), keep.source = TRUE, encoding = "UTF-8")
    }

    # The text of what is visible, as R's own prompt shows it.
    text_of <- function(value) {
        shown <- utils::capture.output(if (isS4(value)) methods::show(value) else print(value))
        paste(shown, collapse = "\n")
    }

    # Evaluates all of a cell; what its last expression shows, or NULL.
    evaluate <- function(expressions) {
        shown <- NULL
        references <- attr(expressions, "srcref")
        for (index in seq_along(expressions)) {
            line <<- as.integer(references[[index]][[1L]])
            shown <- withVisible(eval(expressions[[index]], globalenv()))
        }
        if (is.null(shown) || !shown$visible || is.null(shown$value)) return(NULL)
        text_of(shown$value)
    }

    execute <- function(request) {
        count <<- count + 1L
        name <- sprintf("<cell %d>", count)
        sources[[name]] <- strsplit(request$code, "\n", fixed = TRUE)[[1L]]
        typed <<- isTRUE(request$asks)
        given <<- if (is.character(request$stdin)) request$stdin else ""
        dir.create(figures, showWarnings = FALSE)
        calls <- NULL
        status <- "ok"
        text <- tryCatch(
            withCallingHandlers(
                allowInterrupts(evaluate(parsed(request$code, name))),
                error = function(problem) if (is.null(calls)) calls <<- sys.calls(),
                warning = function(problem) {
                    if (!is_evaluation(conditionCall(problem))) return()
                    cat("Warning: ", conditionMessage(problem), "\n", sep = "", file = stderr())
                    invokeRestart("muffleWarning")
                }
            ),
            error = function(problem) {
                end_sinks()
                tell(problem, calls, name)
                status <<- "error"
                NULL
            },
            interrupt = function(problem) {
                end_sinks()
                fail("KeyboardInterrupt", "", "interrupted\n")
                status <<- "interrupted"
                NULL
            }
        )
        end_sinks()
        show_figures()
        if (is.null(text) || !nzchar(text)) return(status)
        long <- nchar(text, "bytes") > text_cap
        answer <- list("result", data = list("text/plain" = cut_text(text, text_cap)), metadata = empty_object)
        if (long) answer$truncated <- list("text/plain")
        do.call(say, answer)
        status
    }

    end_sinks <- function() while (sink.number() > 0L) sink()

    # R's own words, and the program's calls.
    tell <- function(problem, calls, name) {
        message <- conditionMessage(problem)
        if (inherits(problem, "ProcessExit")) {
            status <- suppressWarnings(as.integer(message))
            left <<- if (length(status) != 1L || is.na(status)) 1L else bitwAnd(status, 255L)
            return(fail("ProcessExit", message, paste0("quit: ", message, "\n")))
        }
        kind <- setdiff(class(problem), c("error", "condition", "simpleError", "rlang_error"))
        call <- conditionCall(problem)
        if (identical(call[[1L]], quote(parse))) return(tell_syntax(message, name))
        if (is_evaluation(call)) call <- NULL
        where <- own_frames(calls, name)
        head <- if (is.null(call)) "Error: " else paste0("Error in ", deparse(call, nlines = 1L)[[1L]], " : ")
        trace <- vapply(rev(where), function(frame) {
            caller <- if (nzchar(frame$`function`)) paste0(" in ", frame$`function`) else ""
            sprintf("  at %s:%d%s\n", frame$file, frame$line, caller)
        }, "")
        fail(if (length(kind)) kind[[1L]] else "Error", message, paste0(head, message, "\n", paste(trace, collapse = "")), where)
    }

    tell_syntax <- function(message, name) {
        line <- suppressWarnings(as.integer(sub("^<cell [0-9]+>:([0-9]+):(.|\n)*", "\\1", message)))
        frame <- frame_at(name, if (is.na(line)) 1L else line, "")
        fail("SyntaxError", message, paste0("Error: ", message, "\n"), list(frame))
    }

    # Whether a call is the kernel's, of what is written at a cell's top.
    is_evaluation <- function(call) identical(call, quote(eval(expressions[[index]], globalenv())))

    frame_at <- function(name, line, caller) {
        source <- sources[[name]][line]
        list(file = name, line = line, "function" = caller, source = if (is.na(source)) "" else cut_text(trimws(source), 500))
    }

    # The cell, and the calls that stand in the source of one, the outermost first.
    own_frames <- function(calls, name) {
        frames <- list(frame_at(name, line, ""))
        evaluations <- which(vapply(calls, is_evaluation, NA))
        inside <- ""
        for (call in utils::tail(as.list(calls), -max(0L, evaluations))) {
            reference <- attr(call, "srcref")
            file <- if (!is.null(reference)) attr(reference, "srcfile")$filename
            if (!is.null(file) && startsWith(file, "<cell ") && nzchar(inside))
                frames[[length(frames) + 1L]] <- frame_at(file, as.integer(reference[[1L]]), inside)
            inside <- deparse(call[[1L]], nlines = 1L)[[1L]]
        }
        utils::tail(frames, 100L)
    }

    # ---- Questions

    variables <- function(request) {
        names <- ls(globalenv(), sorted = TRUE)
        described <- tryCatch(
            allowInterrupts(lapply(utils::head(names, most_variables), variable)),
            interrupt = function(problem) NULL
        )
        if (is.null(described)) return("interrupted")
        say("variables", variables = described, truncated = length(names) > most_variables)
        "ok"
    }

    variable <- function(name) {
        if (bindingIsActive(as.symbol(name), globalenv())) return(list(name = name, type = "active binding", repr = ""))
        value <- get(name, globalenv())
        text <- tryCatch(paste(trimws(utils::capture.output(utils::str(value, give.attr = FALSE, vec.len = 8L))), collapse = " "),
                         error = function(problem) "(str failed)")
        text <- iconv(enc2utf8(text), "UTF-8", "UTF-8", sub = "\ufffd")
        described <- list(name = name, type = class(value)[[1L]], repr = substr(text, 1L, repr_length))
        if (is.vector(value) || is.factor(value)) described$length <- length(value)
        if (!is.null(dim(value))) described$shape <- as.list(dim(value))
        if (nchar(text) > repr_length || grepl("...", text, fixed = TRUE)) described$truncated <- TRUE
        described
    }

    complete <- function(request) {
        cursor <- if (is.numeric(request$cursor)) max(0, request$cursor) else nchar(request$code)
        before <- substr(request$code, 1L, cursor)
        word <- regmatches(before, regexpr("[[:alpha:]._][[:alnum:]._]*$", before))
        if (!length(word)) word <- ""
        owner <- regmatches(before, regexpr("[[:alpha:]._][[:alnum:]._]*(?=[$@][[:alnum:]._]*$)", before, perl = TRUE))
        found <- if (length(owner)) {
            value <- get0(owner, globalenv())
            if (isS4(value)) methods::slotNames(value) else names(value)
        } else if (nzchar(word)) {
            utils::apropos(paste0("^", gsub(".", "\\.", word, fixed = TRUE)), ignore.case = FALSE)
        }
        found <- as.character(found)
        found <- sort(unique(found[startsWith(found, word)]), method = "radix")
        end <- nchar(before)
        say("completions", matches = as.list(utils::head(found, most_matches)), start = end - nchar(word), end = end)
        "ok"
    }

    is_complete <- function(request) {
        status <- tryCatch({
            parse(text = request$code, keep.source = FALSE, encoding = "UTF-8")
            "complete"
        }, error = function(problem) {
            open <- "unexpected end of input|unexpected INCOMPLETE_STRING"
            if (grepl(open, conditionMessage(problem))) "incomplete" else "invalid"
        })
        say("completeness", status = status, indent = "")
        "ok"
    }

    # ---- The kernel's life

    handlers <- list(execute = execute, variables = variables, complete = complete, is_complete = is_complete,
                     shutdown = function(request) "ok", input = function(request) "ok")

    answer <- function(line) {
        current <<- NULL
        left <<- NULL
        request <- tryCatch(if (validUTF8(line)) parse_json(line) else stop("no UTF-8"), error = function(problem) conditionMessage(problem))
        if (is.character(request)) return(protocol_error(paste0("not JSON: ", request)))
        if (!is.list(request) || !is.character(request$type)) return(protocol_error("not a request: no type"))
        id <- request$id
        if (!is.null(id) && !(is.character(id) && nchar(id) <= 128L)) return(protocol_error("not a request: the id isn't a short string"))
        current <<- id
        handler <- handlers[[request$type]]
        if (is.null(handler)) return(protocol_error(paste0("no such request: ", substr(request$type, 1L, 100L))))
        takes_code <- request$type %in% c("execute", "complete", "is_complete")
        if (takes_code && !is.character(request$code)) return(protocol_error("not a request: code isn't a string"))
        done(tryCatch(handler(request), error = function(problem) {
            fail("Error", conditionMessage(problem), paste0("Error: ", conditionMessage(problem), "\n"))
            "error"
        }))
        if (request$type == "shutdown") leave()
    }

    protocol_error <- function(text) {
        refuse(text)
        done("error")
    }

    # One that came while nothing ran is ignored.
    forget_interrupt <- function() tryCatch(allowInterrupts(Sys.sleep(0)), interrupt = function(problem) NULL)

    base_quit <- quit
    leave <- function() {
        close(answers) # waits until all has been carried
        base_quit(save = "no")
    }
    prepare()
    suspendInterrupts(repeat {
        line <- readLines(requests, 1L, warn = FALSE, encoding = "UTF-8")
        if (!length(line)) leave()
        if (identical(line, signal_line) || !nzchar(line)) next
        forget_interrupt()
        answer(line)
    })
})
