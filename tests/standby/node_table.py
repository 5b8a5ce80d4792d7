"""The programs for Node, as program_table has those for Python: arguments are what follows `node`."""

import signal

from program_table import Program


def script(name, *arguments, case="", **more):
    return Program(name + (" " + case if case else ""), (name, *arguments), **more)


def code(case, text, *arguments, **more):
    return Program("code " + case, ("-e", text, "--", *arguments), **more)


SHOW = "console.log(process.argv, process.execArgv, process._eval, __filename, module.id, module.paths, require.main)"

NODE_PROGRAMS = [
    # what it is
    script("hello.js"),
    script("hello.cjs"),
    script("hello.mjs"),
    script("process_state.cjs"),
    script("process_state.cjs", "a", "b c", "", "--flag", "-e", "é", "日本", "🐍", "\udcff", case="arguments"),
    script("process_state.cjs", environment={"EMPTY": "", "A": "é=b"}, case="environment"),
    script("process_state.cjs", environment={"APP": "2"}, image_environment={"APP": "1"}, case="changed environment"),
    script("process_state.cjs", image_environment={"APP": "1"}, case="less environment"),
    script("process_state.mjs", "a"),
    script("internals.cjs"),
    script("opens.cjs"),
    script("random.cjs"),
    script("times.cjs"),
    script("times.cjs", environment={"TZ": "Asia/Tokyo"}, case="elsewhere"),
    script("hooks.cjs"),
    # names
    script("./hello.js", case="with a dot"),
    script("folder/../hello.mjs", case="with two dots"),
    script("./folder", case="of a folder"),
    script("./script", "a", case="without an extension"),
    script("./hello", case="without its extension"),
    script("link.mjs", case="of a link"),
    script("typed/main.js"),
    script("typed/old.cjs"),
    script("typed/package.json"),
    script("./no_such.js"),
    script("./no_such.mjs"),
    # code
    code("plain", "console.log(1)"),
    code("arguments", SHOW, "a", "--b", "-e"),
    code("global names", "console.log(Object.getOwnPropertyNames(globalThis).join(), typeof fs, require.main)"),
    code("long arguments", "console.log(process.argv.length, process.argv.at(-1).length)", *(["x" * 1000] * 30)),
    code("stack", "console.log(new Error('x').stack); setTimeout(() => { throw new Error('late') })"),
    code("error", "throw new TypeError('bad')"),
    code("number", "\nthrow 5"),
    code("syntax error", "let x = = 1"),
    code("imports", "import('./exports.mjs').then(({ value }) => console.log(value, require('./hello.cjs')))"),
    code("unicode", "console.log('日本', '🐍'.length)"),
    code("input", "process.stdin.on('data', (data) => console.log([`${data}`]))", stdin=b"a\nb\n"),
    code("child", "const { fork } = require('child_process');\n"
         "fork('./children.cjs', ['child']).on('message', (message) => console.log(message)).send(1)"),
    code("long", "/*" + "x" * 60_000 + "*/ console.log(1)"),
    Program("code empty", ("-e", "", "--")),
    Program("standard input", ("-", "a"), stdin=b"console.log(process.argv, __filename, new Error('x').stack); null.x"),
    Program("standard input empty", ("-",)),
    Program("standard input with an error", ("-",), stdin=b"console.log(1)\nlet x = = 1"),
    # order and ends
    script("stack.cjs"),
    script("stack.mjs"),
    script("order.cjs"),
    script("order.mjs"),
    script("caught_at_the_top.cjs"),
    script("throws.cjs"),
    script("throws.mjs"),
    script("throws_object.cjs"),
    script("throws_cause.cjs"),
    script("throws_late.cjs"),
    script("syntax_error.cjs"),
    script("syntax_error.mjs"),
    script("missing_require.cjs"),
    script("missing_import.mjs"),
    script("missing_export.mjs"),
    script("rejection.cjs"),
    script("rejection_of_a_number.mjs"),
    script("rejection_awaited.mjs"),
    script("rejection_caught.cjs"),
    script("never_settles.mjs"),
    script("recursion.cjs"),
    script("warns.cjs"),
    *(script("exits.cjs", form, case=form) for form in (
        "number", "code", "text", "listener", "before", "kill", "output", "inTimer", "inHandler")),
    script("signals.cjs", signal=signal.SIGINT, case="by default"),
    script("signals.cjs", "SIGINT", signal=signal.SIGINT, case="caught"),
    script("signals.cjs", signal=signal.SIGTERM, case="terminated"),
    script("signals.cjs", "SIGTERM", signal=signal.SIGTERM, case="termination caught"),
    # streams
    script("reads_stdin.cjs", stdin=b"\0" * 3_000_000),
    script("reads_stdin.cjs", case="empty"),
    script("reads_lines.mjs", stdin="one\ntwo é\r\nthree".encode()),
    script("reads_file_0.cjs", stdin=b"all of it"),
    script("program_of_streams.mjs", stdin=bytes(range(256)) * 4096),
    script("writes.cjs"),
    # other modules, processes and threads
    script("imports.mjs"),
    script("children.cjs"),
    script("worker.mjs"),
    script("worker_code.cjs"),
    script("clusters.cjs"),
    script("serves.mjs"),
]
