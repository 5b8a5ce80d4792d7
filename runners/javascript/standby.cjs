// Turns an interpreter that started ahead of its program into `node PROGRAM ARGUMENTS`.
//
// The agent starts `node standby.cjs PLACEHOLDER` with a stream socket as descriptor 60. This waits for a request,
// makes the process look as if it had been started so, and ends. The script that such a process begins with, Node's
// own, then runs in the first turn of the event loop with nothing of ours below it. docs/standby.md has the request,
// and what differs.
//
// Whatever can fail is done before `+` is said: a Node that is not known here ends then.
"use strict";

const fs = require("fs");
const path = require("path");

const SOCKET = 60;
const CHUNK = 1 << 16;
const MAX_REQUEST = 1 << 20;
const INVALID = 22; // EINVAL
const MAIN_ASYNC_ID = 1; // of what runs before the event loop does

// What most programs load at their start, in an order that their cycles allow.
const USUAL_MODULES = [
    "net", "internal/fs/sync_write_stream", "internal/process/execution", "internal/modules/run_main",
    "internal/modules/esm/resolve", "internal/modules/esm/load", "internal/modules/esm/translators",
    "internal/modules/esm/module_job",
];

/** Node's own `require`, `internalBinding` and `primordials`, which `process.binding` closes over. */
function findInternals() {
    const { Session } = require("inspector");
    const session = new Session();
    session.connect();
    const ask = (method, parameters) => {
        let result;
        session.post(method, parameters, (error, answer) => {
            if (error) throw new Error(error.message);
            result = answer;
        });
        return result;
    };
    const propertiesOf = ({ objectId }) => ask("Runtime.getProperties", { objectId, ownProperties: true });
    const { result: closure } = ask("Runtime.evaluate", { expression: "process.binding" });
    const scopes = propertiesOf(closure).internalProperties.find(({ name }) => name === "[[Scopes]]").value;
    // A look at the globals would call what makes some of them at their first use.
    const own = propertiesOf(scopes).result.filter(({ value }) => value.description !== "Global");
    const variables = own.flatMap(({ value }) => propertiesOf(value).result);
    for (const name of ["requireBuiltin", "internalBinding", "primordials"]) {
        const { objectId } = variables.find((variable) => variable.name === name).value;
        const functionDeclaration = `function () { process.mainModule.exports.${name} = this; }`;
        ask("Runtime.callFunctionOn", { objectId, functionDeclaration });
    }
    session.disconnect();
    return module.exports;
}

/** One of the scripts that a Node begins with, ready to be called; it finds in `start` what would be found by then. */
function mainScript(node, name, start) {
    const script = node.internalBinding("builtins").compileFunction(`internal/main/${name}`);
    const { markBootstrapComplete } = node.requireBuiltin("internal/process/pre_execution");
    const options = node.requireBuiltin("internal/options");
    const replaced = {
        "internal/process/pre_execution": { prepareMainThreadExecution: () => start.entry, markBootstrapComplete },
        "internal/options": {
            ...options,
            getOptionValue: (option) => (option === "--eval" ? start.code : options.getOptionValue(option)),
        },
    };
    const requireForStart = (id) => replaced[id] ?? node.requireBuiltin(id);
    // Bound, as a function of ours around it would be seen in stack traces.
    return script.bind(undefined, process, requireForStart, node.internalBinding, node.primordials);
}

function warmUp(node) {
    for (const name of USUAL_MODULES) {
        try {
            node.requireBuiltin(name);
        } catch {
            // another version has other ones
        }
    }
}

/** All that a request needs. */
function prepare() {
    const start = { entry: undefined, code: undefined };
    const node = findInternals();
    warmUp(node);
    const scripts = {
        file: mainScript(node, "run_main_module", start),
        code: mainScript(node, "eval_string", start),
        input: mainScript(node, "eval_stdin", start),
    };
    return { start, scripts, runInFirstTurn: firstTurn(node) };
}

/**
 * Handles whose callbacks, once they are closed, come at the end of the event loop's first turn: timers are what
 * follows, as before the loop. The one afterwards has ticks processed when the program threw at its top level and
 * caught that.
 */
function firstTurn({ requireBuiltin, internalBinding }) {
    const { UDP } = internalBinding("udp_wrap"); // has no descriptor before it is bound
    const { async_id_fields: ids, constants: fields } = internalBinding("async_wrap");
    const performance = internalBinding("performance");
    const setLoopStart = (time) => {
        performance.milestones[performance.constants.NODE_PERFORMANCE_MILESTONE_LOOP_START] = time;
    };
    const [before, program, afterwards] = [1, 2, 3].map(() => new UDP());
    requireBuiltin("internal/async_hooks").defaultTriggerAsyncIdScope(0, () => program.asyncReset({}, MAIN_ASYNC_ID));
    for (const handle of [before, program, afterwards]) handle.unref(); // no active handles for the program to see
    return (script) => {
        // The last one to be closed is called first.
        afterwards.close(() => setLoopStart(Number(process.hrtime.bigint())));
        program.close(script);
        before.close(() => setLoopStart(-1));
        ids[fields.kAsyncIdCounter] = MAIN_ASYNC_ID;
    };
}

/** The body of a request, or nothing when there will be none. */
function receive() {
    let data = Buffer.alloc(0);
    for (;;) {
        const chunk = Buffer.allocUnsafeSlow(CHUNK);
        const count = readSome(chunk);
        if (count === 0 && data.length === 0) return undefined;
        if (count === 0) refuse(INVALID);
        data = Buffer.concat([data, chunk.subarray(0, count)]);
        const [, digits, end] = /^(\d{0,7})(\0?)/.exec(data.toString("latin1", 0, 8));
        const begin = digits.length + 1;
        if (Number(digits) > MAX_REQUEST || (!end && data.length >= begin)) refuse(INVALID);
        if (end && data.length >= begin + Number(digits)) return data.subarray(begin, begin + Number(digits));
    }
}

function readSome(buffer) {
    try {
        return fs.readSync(SOCKET, buffer);
    } catch (error) {
        if (error.code === "ECONNRESET") return 0; // the agent went without having read what it was told
        throw error;
    }
}

function parse(body) {
    const fields = body.toString().split("\0");
    const argc = Number(fields[1]);
    const argv = fields.slice(2, 2 + argc);
    const variables = fields.slice(3 + argc, -1);
    const counts = argc > 1 && variables.length === Number(fields[2 + argc]) && fields.at(-1) === "";
    if (!counts || variables.some((variable) => variable.indexOf("=") < 1)) refuse(INVALID);
    const environment = new Map();
    for (const variable of variables) {
        const equals = variable.indexOf("=");
        const name = variable.slice(0, equals);
        if (!environment.has(name)) environment.set(name, variable.slice(equals + 1));
    }
    return { cwd: fields[0], argv, environment };
}

function answer(text) {
    try {
        fs.writeSync(SOCKET, text);
    } catch {
        // nobody listens: the program runs all the same
    }
}

function refuse(errno) {
    answer(`!${errno}`);
    process.reallyExit(127);
}

function enter(directory) {
    try {
        process.chdir(directory);
    } catch (error) {
        refuse(-error.errno);
    }
}

/** Children inherit the variables in their order. */
function setEnvironment(wanted) {
    for (const name of Object.keys(process.env)) if (!wanted.has(name)) delete process.env[name];
    for (const [name, value] of wanted) if (process.env[name] !== value) process.env[name] = value;
    const names = [...wanted.keys()];
    if (Object.keys(process.env).every((name, place) => name === names[place])) return;
    for (const name of names) delete process.env[name];
    for (const [name, value] of wanted) process.env[name] = value;
}

/** What /proc/self/cmdline shows. `process.title` is only as much of it as the program's name. */
function setTitle(argv) {
    const fields = fs.readFileSync("/proc/self/stat", "latin1").split(") ").at(-1).split(" ");
    const [begin, end] = [Number(fields[45]), Number(fields[46])];
    const title = Buffer.alloc(end - begin);
    title.write(argv.join(" "));
    title[title.length - 2] = 0;
    title[title.length - 1] = 1; // not NUL, which tells the kernel that this is a title: it ends at its first NUL
    writeFile("/proc/self/mem", title, begin);
}

/** The program's peak resident memory counts from here. */
const forgetPeakMemory = () => writeFile("/proc/self/clear_refs", Buffer.from("5"), null);

function writeFile(name, bytes, position) {
    try {
        const file = fs.openSync(name, fs.constants.O_WRONLY);
        fs.writeSync(file, bytes, 0, bytes.length, position);
        fs.closeSync(file);
    } catch {
        // the program runs all the same
    }
}

/** @return which script begins the program */
function setArguments([, first, ...rest], start) {
    if (first === "-e") {
        const [code, ...more] = rest;
        start.code = code;
        process.execArgv.push("-e", code);
        process.argv.splice(1, Infinity, ...(more[0] === "--" ? more.slice(1) : more));
        Object.defineProperty(process, "_eval", { value: code, writable: false, configurable: true, enumerable: true });
        return "code";
    }
    start.entry = path.resolve(first);
    process.argv.splice(1, Infinity, first === "-" ? first : start.entry, ...rest);
    return first === "-" ? "input" : "file";
}

/** As if this file had never been the program. */
function forgetThisModule() {
    const Module = module.constructor;
    delete Module._cache[__filename];
    for (const [key, file] of Object.entries(Module._pathCache)) if (file === __filename) delete Module._pathCache[key];
    delete process.mainModule;
}

function prepareOrEnd() {
    try {
        // With options of its own the program would have to be started by them.
        if (process.execArgv.length === 0 && !process.env.NODE_OPTIONS) return prepare();
    } catch {
        // no Node that is known here
    }
    return process.reallyExit(1);
}

const { start, scripts, runInFirstTurn } = prepareOrEnd();
answer("+");
const body = receive();
if (!body) process.reallyExit(0);
const { cwd, argv, environment } = parse(body);
enter(cwd);
setEnvironment(environment);
forgetPeakMemory();
setTitle(argv);
const script = scripts[setArguments(argv, start)];
forgetThisModule();
answer("+");
fs.closeSync(SOCKET);
runInFirstTurn(script);
