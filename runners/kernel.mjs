// The JavaScript kernel: runs cells in the global scope and answers on channels 3 and 4 (docs/kernels.md).

import { closeSync, openSync, writeSync } from "node:fs";
import inspector from "node:inspector";
import Module, { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import process from "node:process";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import vm from "node:vm";

import { IMPORT, isOpen, toScript } from "./javascript/source.mjs";

const typescript = process.argv.includes("--typescript") ? await import("./javascript/typescript.mjs") : undefined;

const OWNER_GONE = 70;
const TEXT_CAP = 1 << 20;
const VALUE_CAP = 8 << 20;
const EXECUTION_CAP = 32 << 20;
const REQUEST_CAP = 64 << 20;
const VARIABLES = 500;
const MATCHES = 500;
const REPR = 200;
const exit = process.exit.bind(process);

// ---- Channels

/** A private copy where no cell looks for one. Node opens pipes anew through /proc; sockets stay where they are. */
function copied(descriptor, flags) {
    try {
        return openSync(`/proc/self/fd/${descriptor}`, flags);
    } catch {
        return descriptor;
    }
}

const answers = copied(4, "a");
const incoming = copied(3, "r");
for (const [given, copy] of [[3, incoming], [4, answers]]) {
    if (copy === given) continue;
    closeSync(given);
    openSync("/dev/null", "r"); // takes the number, or something of Node's own would
}
const requests = new net.Socket({ fd: incoming, readable: true, writable: false });

/** JSON that every parser takes: no lone surrogates. */
function toJson(value) {
    const text = JSON.stringify(value) ?? "null";
    return text.replace(/\\(\\|ud[89a-f][0-9a-f]{2})/g, (all, what) => (what === "\\" ? all : "\ufffd"));
}

/** Waits for a reader where Node has made the descriptor non-blocking. */
function writeAll(descriptor, bytes) {
    let data = bytes;
    while (data.length) {
        try {
            data = data.subarray(writeSync(descriptor, data));
        } catch (error) {
            if (error.code !== "EAGAIN") throw error;
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
        }
    }
}

function write(line) {
    try {
        writeAll(answers, Buffer.from(`${line}\n`));
    } catch {
        process.reallyExit(OWNER_GONE);
    }
}

// ---- State of the execution under way

let current = null; // its id; afterwards the last one's, for what timers say
let count = 0;
let sent = 0;
let interrupted = () => {};

const send = (type, fields) => write(toJson({ type, id: current, ...fields }));

// ---- Rich results

function isPlain(value, left = { count: 20_000 }, depth = 0) {
    if (value === null || ["string", "boolean"].includes(typeof value)) return true;
    if (typeof value === "number") return Number.isFinite(value);
    if (typeof value !== "object" || depth > 50) return false;
    const prototype = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
    return Object.values(value).every((item) => --left.count > 0 && isPlain(item, left, depth + 1));
}

function bundle(value) {
    for (const name of ["sbx.display", "Jupyter.display"]) {
        const own = value?.[Symbol.for(name)];
        if (typeof own === "function") return own.call(value);
    }
    const data = { "text/plain": cleaned(inspect(value)) };
    if (typeof value === "object" && value !== null && isPlain(value)) data["application/json"] = value;
    return data;
}

/** Within the caps, as docs/kernels.md states them. */
function bounded(data) {
    const kept = {};
    const truncated = [];
    for (const [mime, given] of Object.entries(data)) {
        const json = mime === "application/json" || mime.endsWith("+json");
        let value = given instanceof Uint8Array ? Buffer.from(given).toString("base64") : json ? given : String(given);
        const cap = mime === "text/plain" ? TEXT_CAP : VALUE_CAP;
        let size = Buffer.byteLength(toJson(value));
        if (size > cap && mime === "text/plain") {
            truncated.push(mime);
            for (value = value.slice(0, cap); (size = Buffer.byteLength(toJson(value))) > cap; )
                value = value.slice(0, Math.floor((value.length * cap) / size) - 8);
        }
        if (size > cap || sent + size > EXECUTION_CAP) {
            if (!truncated.includes(mime)) truncated.push(mime);
            continue;
        }
        sent += size;
        kept[mime] = value;
    }
    return { data: kept, metadata: {}, ...(truncated.length && { truncated }) };
}

function publish(type, value, { raw = false, display_id } = {}) {
    const shown = bounded(raw ? value : bundle(value));
    send(type, { ...shown, ...(display_id !== undefined && { display_id: String(display_id) }) });
}

function display(value, options) {
    publish("display", value, options);
}
display.update = (value, options) => publish("display_update", value, options);
display.clear = (wait = false) => send("clear", { wait: Boolean(wait) });

// ---- Errors

// Frames that are never the program's.
const OWN = [path.dirname(import.meta.url), "node:inspector", "node:vm", "node:internal/", "evalmachine.sbx"];
const FRAME = /^\s*at (?:async )?(?:(?<function>.*?) \()?(?<file>.*?):(?<line>\d+):\d+\)?$/;

const isOwn = (line) => /^\s*at /.test(line) && OWN.some((own) => line.includes(own));

/** A text without the kernel's lines of a stack. */
function cleaned(given) {
    const text = typescript ? typescript.withTypedLines(given) : given;
    if (!OWN.some((own) => text.includes(own))) return text;
    return text.split("\n").filter((line) => !isOwn(line)).join("\n");
}

function safely(action, otherwise) {
    try {
        return action();
    } catch {
        return otherwise;
    }
}

const isError = (value) => safely(() => value instanceof Error || inspect(value).startsWith("["), false) || value?.stack !== undefined;

function describe(error, details) {
    const named = isError(error);
    const name = safely(() => String((named ? error.name : undefined) ?? error?.constructor?.name ?? typeof error), "Error");
    const value = safely(() => String(named ? error.message : inspect(error)), "");
    let text = cleaned(safely(() => (named ? inspect(error) : `Uncaught ${inspect(error)}`), `${name}: ${value}`)) + "\n";
    const frames = [];
    for (const line of cleaned(safely(() => String(error.stack ?? ""), "")).split("\n")) {
        const found = FRAME.exec(line)?.groups;
        if (found) frames.unshift(frame(found));
    }
    if (name === "SyntaxError" && details && !frames.length) {
        frames.push(frame({ file: `<cell-${count}>`, line: details.lineNumber + 1 }));
        text = `<cell-${count}>:${details.lineNumber + 1}\n${text}`;
    }
    const truncated = text.length > 256 << 10 || value.length > 64 << 10;
    return {
        name, value: value.slice(0, 64 << 10), traceback: text.slice(0, 256 << 10), frames: frames.slice(-100),
        ...(truncated && { truncated }),
    };
}

const sources = new Map();

function frame({ file, line, function: name }) {
    const source = sources.get(file)?.split("\n")[line - 1]?.trim() ?? "";
    return { file, line: Number(line), function: name ?? "", source: source.slice(0, 500) };
}

class Interrupted extends Error {
    name = "Interrupted";
}

class ProcessExit extends Error {
    name = "ProcessExit";
}
let left; // the code of the cell's `process.exit`, as a process has it

// ---- Running cells

const session = new inspector.Session();
session.connect();

const post = (method, parameters) =>
    new Promise((resolve) => session.post(method, parameters, (error, answer) => resolve(error ? { error } : answer)));

const ASK = Symbol.for("sbx.kernel.ask");
const TAKE = Symbol.for("sbx.kernel.take");
let taken;
let evaluated;

function define(name, value) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
}

/** The value that the inspector speaks of. */
function take({ objectId, value, unserializableValue, type }) {
    if (type === "undefined") return undefined;
    const argument = objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };
    session.post("Runtime.callFunctionOn", {
        functionDeclaration: `function (value) { this[Symbol.for("sbx.kernel.take")](value); }`,
        objectId: globalObject, arguments: [argument],
    });
    const found = taken;
    taken = undefined;
    return found;
}

// Node's own watch for SIGINT, always on: one thread takes the signal, breaks the script under way or remembers it.
// `process.on("SIGINT")` would have to be taken off and put on around each script, and the process dies in between.
const watch = safely(() => process.binding("contextify"));

function takeSignal() {
    watch?.startSigintWatchdog();
    return watch?.stopSigintWatchdog() ?? false;
}

/** Forgets signals from before the cell, and handlers of earlier cells. */
function watchSignals() {
    if (!watch) return;
    if (process.listenerCount("SIGINT")) {
        process.removeAllListeners("SIGINT");
        watch.stopSigintWatchdog();
        watch.startSigintWatchdog();
    }
    takeSignal();
}
if (watch) watch.startSigintWatchdog();
else process.on("SIGINT", () => interrupted());

let globalObject;
session.post("Runtime.evaluate", { expression: "globalThis" }, (_, { result }) => (globalObject = result.objectId));
define(TAKE, (value) => (taken = value));

/** Starts an evaluation where SIGINT breaks loops, up to the first wait for something outside. */
function start(expression) {
    let resolve;
    evaluated = new Promise((done) => (resolve = done));
    const parameters = { expression, replMode: true, awaitPromise: true, objectGroup: "cell" };
    define(ASK, () => {
        session.post("Runtime.evaluate", parameters, (error, answer) => resolve(error ? { error } : answer));
        process._tickCallback();
    });
    const script = new vm.Script(`globalThis[Symbol.for("sbx.kernel.ask")]()`, { filename: "evalmachine.sbx" });
    try {
        script.runInThisContext({ breakOnSigint: true });
    } catch (error) {
        // Callbacks that were broken off have left their marks on the stack of asynchronous ids, which Node dies of.
        safely(() => process.binding("async_wrap").clearAsyncIdStack());
        throw error;
    }
    return !takeSignal();
}

async function evaluate(expression) {
    let poll;
    const stop = new Promise((resolve) => {
        interrupted = () => resolve("interrupted");
        poll = setInterval(() => takeSignal() && interrupted(), 20);
    });
    try {
        // A turn of its own, so that microtasks run under the watch.
        const begun = await new Promise((resolve, reject) =>
            setImmediate(() => {
                try {
                    resolve(start(expression));
                } catch (error) {
                    reject(error);
                }
            }),
        );
        if (!begun) return { stopped: true };
        const answer = await Promise.race([evaluated, stop]);
        return answer === "interrupted" ? { stopped: true } : answer;
    } catch (error) {
        if (error?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") return { stopped: true };
        throw error;
    } finally {
        clearInterval(poll);
        interrupted = () => {};
    }
}

/** An object literal alone is a value, as at Node's own prompt. */
function asValue(code) {
    if (!/^\s*\{/.test(code) || /;\s*$/.test(code)) return code;
    return safely(() => new vm.Script(`(${code}\n)`) && `(${code}\n)`, code);
}

function compiled(code, name) {
    const script = typescript ? typescript.toJavaScript(code, name) : code;
    return `${asValue(toScript(script))}\n//# sourceURL=${name}`;
}

async function execute({ code, stdin, asks }) {
    count++;
    sent = 0;
    const name = `<cell-${count}>`;
    sources.set(name, code);
    setStdin(asks === true ? typedStream() : stdin);
    watchSignals();
    const answer = await evaluate(compiled(code, name));
    takeTyped = undefined;
    if (answer.stopped) {
        send("error", { name: "Interrupted", value: "", traceback: "Interrupted\n", frames: [] });
        return "interrupted";
    }
    if (answer.error || answer.exceptionDetails) {
        const details = answer.exceptionDetails;
        const thrown = details?.exception ? take(details.exception) : answer.error;
        if (thrown instanceof ProcessExit) left = Number(thrown.message) & 0xff;
        send("error", describe(thrown, details));
        return "error";
    }
    const value = take(answer.result);
    session.post("Runtime.releaseObjectGroup", { objectGroup: "cell" });
    if (value !== undefined) publish("result", value);
    return "ok";
}

// ---- What cells find

/** Node calls the loader for cells experimental, once. */
function quietly(action) {
    return (...given) => {
        const warn = process.emitWarning;
        process.emitWarning = () => {};
        try {
            return action(...given);
        } finally {
            process.emitWarning = warn;
        }
    };
}

function load(specifier, options) {
    const from = path.join(process.cwd(), "cell.mjs");
    const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    if (loader) {
        const script = new vm.Script("(specifier, options) => import(specifier, options)", {
            filename: from, importModuleDynamically: loader,
        });
        return quietly(script.runInThisContext())(specifier, options);
    }
    const name = String(specifier);
    if (/^\.{0,2}\//.test(name)) return import(pathToFileURL(path.resolve(name)).href, options);
    if (Module.builtinModules.includes(name.replace(/^node:/, "")) || /^[a-z]+:/.test(name)) return import(name, options);
    const file = safely(() => createRequire(from).resolve(name));
    return import(file ? pathToFileURL(file).href : name, options);
}

let takeTyped; // whoever waits for a line that is typed for the execution under way

/** A stream of what is typed: each line is asked for when the cell reads, and what it doesn't read stays unasked. */
function typedStream() {
    return new Readable({
        highWaterMark: 1,
        read() {
            takeTyped = (text) => this.push(text || null);
            send("input");
        },
    });
}

/** Whether the line was one that the cell waits for. */
function isTyped(line) {
    if (!takeTyped) return false;
    const { type, id, text } = safely(() => JSON.parse(line.toString()), {}) ?? {};
    if (type !== "input" || id !== current || typeof text !== "string") return false;
    const take = takeTyped;
    takeTyped = undefined;
    take(text);
    return true;
}

const ownStdin = Object.getOwnPropertyDescriptor(process, "stdin");

function setStdin(stdin) {
    if (stdin === true) return Object.defineProperty(process, "stdin", ownStdin);
    const given = stdin ? [Buffer.from(String(stdin))] : [];
    const stream = stdin instanceof Readable ? stdin : Readable.from(given, { objectMode: false });
    stream.fd = -1;
    return Object.defineProperty(process, "stdin", { value: stream, configurable: true, enumerable: true });
}

function prepareGlobals() {
    define("display", display);
    define(IMPORT, load);
    define("require", (name) => createRequire(path.join(process.cwd(), "cell.js"))(name));
    globalThis.require.resolve = (name) => createRequire(path.join(process.cwd(), "cell.js")).resolve(name);
    process.exit = (code) => {
        throw new ProcessExit(String(code ?? process.exitCode ?? 0));
    };
    process.argv.length = 1;
    // Written at once: a stream that is interrupted among its own callbacks stays mute for ever.
    for (const [number, stream] of [[1, process.stdout], [2, process.stderr]]) {
        stream.write = (chunk, encoding, done) => {
            writeAll(number, typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk);
            const last = typeof encoding === "function" ? encoding : done;
            if (typeof last === "function") process.nextTick(last);
            return true;
        };
    }
}

// ---- Questions

const initial = new Set(Object.getOwnPropertyNames(globalThis));

async function names() {
    const { names: lexical = [] } = await post("Runtime.globalLexicalScopeNames", {});
    const own = Object.getOwnPropertyNames(globalThis).filter((name) => !initial.has(name) && !name.startsWith("__sbx"));
    return [...new Set([...own.filter((name) => !["display", "require"].includes(name)), ...lexical])];
}

async function look(expression) {
    const { result, exceptionDetails, error } = await post("Runtime.evaluate", {
        expression, replMode: true, throwOnSideEffect: true, objectGroup: "look", awaitPromise: true,
    });
    return error || exceptionDetails ? undefined : take(result);
}

async function variables() {
    const all = (await names()).filter((name) => !name.startsWith("_"));
    const described = [];
    for (const name of all.slice(0, VARIABLES)) described.push(await variable(name));
    session.post("Runtime.releaseObjectGroup", { objectGroup: "look" });
    send("variables", { variables: described, truncated: all.length > VARIABLES });
}

async function variable(name) {
    const value = await look(name);
    const options = { depth: 1, maxArrayLength: 20, maxStringLength: 200, breakLength: Infinity };
    const text = safely(() => inspect(value, options), "<inspect failed>");
    const kind = value === null ? "null" : typeof value;
    const type = kind === "object" ? safely(() => String(value.constructor?.name ?? "Object"), "Object") : kind;
    const length = typeof value === "string" || Array.isArray(value) || ArrayBuffer.isView(value) ? value.length : undefined;
    const truncated = text.length > REPR || text.includes(" more item") || text.includes("more character");
    return { name, type, repr: text.slice(0, REPR), ...(length !== undefined && { length }), ...(truncated && { truncated }) };
}

function propertiesOf(value) {
    const found = new Set();
    for (let at = Object(value); at !== null && found.size < 5000; at = Object.getPrototypeOf(at))
        for (const name of Object.getOwnPropertyNames(at)) if (/^[\p{ID_Start}$_]/u.test(name)) found.add(name);
    return [...found];
}

async function complete({ code, cursor }) {
    const points = [...code].slice(0, Number.isInteger(cursor) ? Math.max(cursor, 0) : undefined);
    const before = points.join("");
    const found = /(?:(?<object>[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Continue}$]+)*)\.)?(?<word>[\p{ID_Continue}$]*)$/u.exec(before).groups;
    let choice = [];
    if (found.object) {
        const value = await look(found.object);
        choice = value === undefined || value === null ? [] : safely(() => propertiesOf(value), []);
    } else if (!before.slice(0, before.length - found.word.length).endsWith(".")) {
        choice = [...(await names()), ...initial, "display", "require", ...KEYWORDS];
    }
    const matches = [...new Set(choice)].filter((name) => name.startsWith(found.word)).sort().slice(0, MATCHES);
    send("completions", { matches, start: points.length - [...found.word].length, end: points.length });
}

const KEYWORDS =
    "async await break case catch class const continue debugger default delete do else export extends finally for function if import in instanceof let new return static super switch this throw try typeof var void while with yield".split(" ");

function isComplete({ code }) {
    const check = () => {
        if (isOpen(code)) return "incomplete";
        if (typescript) return typescript.isWhole(code) ? "complete" : "invalid";
        try {
            new vm.Script(`(async () => {${toScript(code)}\n})`);
            return "complete";
        } catch {
            return safely(() => new vm.Script(asValue(toScript(code))) && "complete", "invalid");
        }
    };
    const status = check();
    const indent = status === "incomplete" ? /^\s*/.exec(code.split("\n").at(-1))[0] : "";
    send("completeness", { status, indent });
}

// ---- The kernel's life

class ProtocolError extends Error {
    name = "ProtocolError";
}

function parsed(line) {
    let request;
    try {
        request = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    } catch (error) {
        throw new ProtocolError(`not JSON: ${error.message}`);
    }
    if (typeof request !== "object" || typeof request?.type !== "string") throw new ProtocolError("not a request: no type");
    if (request.id != null && (typeof request.id !== "string" || request.id.length > 128))
        throw new ProtocolError("not a request: the id isn't a short string");
    return request;
}

const HANDLERS = {
    execute, variables, complete, is_complete: isComplete,
    shutdown: () => {},
    input: () => {}, // its execution has ended meanwhile
};

async function answer(line) {
    let status = "ok";
    let request = {};
    current = null;
    left = undefined;
    try {
        request = parsed(line);
        current = request.id ?? null;
        const handler = Object.hasOwn(HANDLERS, request.type) ? HANDLERS[request.type] : undefined;
        if (!handler) throw new ProtocolError(`no such request: ${request.type}`);
        if (["execute", "complete", "is_complete"].includes(request.type) && typeof request.code !== "string")
            throw new ProtocolError("not a request: code isn't a string");
        status = (await handler(request)) ?? "ok";
    } catch (error) {
        status = "error";
        send("error", describe(error));
    }
    send("done", { status, execution_count: count, exit_code: left });
    if (request.type === "shutdown") exit(0);
}

let unread = [];
let size = 0;
const waiting = [];
let working = false;

async function work() {
    if (working) return;
    working = true;
    while (waiting.length) await answer(waiting.shift());
    working = false;
    if (requests.readableEnded) exit(0);
}

requests.on("data", (piece) => {
    for (let at; (at = piece.indexOf(10)) >= 0; piece = piece.subarray(at + 1)) {
        const line = Buffer.concat([...unread, piece.subarray(0, at)]);
        if (!isTyped(line) && line.length) waiting.push(line);
        unread = [];
        size = 0;
    }
    if (piece.length) unread.push(piece);
    if ((size += piece.length) > REQUEST_CAP) exit(OWNER_GONE);
    work();
});
requests.on("end", () => working || exit(0));
requests.on("error", () => exit(OWNER_GONE));

for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error) => send("error", describe(error)));

prepareGlobals();
