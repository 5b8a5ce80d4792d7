// LibreChat without its models and pages: one version of @librechat/agents as a host holds it, and the requests of the
// host itself. Arguments: the folder of that version, and the one of axios, form-data and jose. Each line of stdin is a
// command {"do": NAME, …}; its line of stdout is {"value": …} or {"error": TEXT}.
import { createHash, randomUUID } from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import { createRequire } from "node:module";
import readline from "node:readline";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

console.log = console.error; // what libraries say is no answer

const [folder, hostFolder] = process.argv.slice(2);
const ofAgents = createRequire(`${folder}/`);
const ofHost = createRequire(`${hostFolder}/`);
const axios = ofHost("axios");
const FormData = ofHost("form-data");
const jose = await import(pathToFileURL(ofHost.resolve("jose")));

// ---- The library

const FACTORIES = [
    "createCodeExecutionTool", "createProgrammaticToolCallingTool", "createToolSearch", "createBashExecutionTool",
    "createBashProgrammaticToolCallingTool",
];
const WEATHER = { city: { type: "string" }, days: { type: "integer" } };
const NUMBERS = { a: { type: "number" }, b: { type: "number" } };

// name: [description, properties of the parameters, what it does]
const CALLABLE = {
    "get-weather": ["Tells the \"weather\" of a city", WEATHER, ({ city, days }) => ({ city, days: days ?? 1, celsius: 21 })],
    add: ["Adds two numbers", NUMBERS, ({ a, b }) => a + b],
    break_down: ["Never succeeds", {}, () => { throw new Error("the 'service' is away"); }],
};
const SEARCHABLE = {
    send_mail_mcp_post: "Sends a mail to \"somebody\"",
    read_mail_mcp_post: "Reads what came",
    draw_chart: "Draws numbers as a picture for a mail",
};

let library;
let params = {};
let tools = {};
let asked = []; // what the code called
let requests = []; // what went to the server meanwhile
let registry;
const chats = new Map();

diagnostics.subscribe("http.client.request.start", ({ request }) => {
    requests.push({ method: request.method, path: request.path,
                    key: request.getHeader("x-api-key") ?? null, token: request.getHeader("authorization") ?? null });
});

function definition(name, description, properties, more) {
    return { name, description, parameters: { type: "object", properties }, ...more };
}

function definitions() {
    const callable = Object.entries(CALLABLE).map(([name, [description, properties]]) =>
        definition(name, description, properties, { allowed_callers: ["code_execution"] }));
    const searchable = Object.entries(SEARCHABLE).map(([name, description]) =>
        definition(name, description, { to: { type: "string" } }, { defer_loading: true, allowed_callers: ["direct"] }));
    return new Map([...callable, ...searchable].map((each) => [each.name, each]));
}

function callableTools() {
    const { tool } = ofAgents("@langchain/core/tools");
    return Object.entries(CALLABLE).map(([name, [description, properties, act]]) => {
        const schema = { type: "object", properties };
        return tool((input) => { asked.push({ name, input }); return act(input); }, { name, description, schema });
    });
}

function made(own = {}) {
    const { jwt, ...rest } = { ...params, ...own };
    const options = jwt ? { ...rest, authHeaders: async () => ({ Authorization: `Bearer ${await signed(jwt)}` }) } : rest;
    const list = FACTORIES.filter((name) => library[name]).map((name) => library[name](options));
    return Object.fromEntries(list.map((each) => [each.name, each]));
}

/** What a graph would inject into a call of `name`. */
function injected(name) {
    if (name === "tool_search") return { toolRegistry: registry };
    if (!name.startsWith("run_tools_with_")) return {};
    const toolDefs = [...registry.values()].filter((each) => each.allowed_callers.includes("code_execution"));
    return { toolMap: new Map(callableTools().map((each) => [each.name, each])), toolDefs };
}

const told = ({ content, artifact, status }) => ({ content, artifact: artifact ?? null, failed: status === "error" });

async function invoked({ name, args, inject = {}, abortAfterMs }, own) {
    const signal = abortAfterMs ? AbortSignal.timeout(abortAfterMs) : undefined;
    const call = { type: "tool_call", id: randomUUID(), name, args, ...injected(name), ...inject };
    try {
        return told(await own[name].invoke(call, { signal }));
    } catch (error) {
        return { content: String(error.message), artifact: null, failed: true };
    }
}

function chatOf(name) {
    if (!chats.has(name)) {
        const sessions = new Map();
        const all = [...Object.values(tools), ...callableTools()];
        chats.set(name, { sessions, node: new library.ToolNode({ tools: all, sessions, toolRegistry: registry }) });
    }
    return chats.get(name);
}

// ---- The host

const KID = "lc-codeapi-2026-05";

async function signed({ key, subject, tenant = "legacy", seconds = 300, kid = KID }) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { tenant_id: tenant, role: "USER", principal_source: "librechat_jwt", auth_context_hash: "0".repeat(64) };
    return new jose.SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid }).setIssuer("librechat")
        .setAudience("codeapi").setSubject(subject).setIssuedAt(now).setNotBefore(now).setExpirationTime(now + seconds)
        .setJti(randomUUID()).sign(await jose.importPKCS8(key, "EdDSA"));
}

/** By the agent of the process, which keeps connections and which the library uses too. */
async function sent({ path, headers = {}, timeoutMs, ...request }) {
    const url = process.env.LIBRECHAT_CODE_BASEURL + path;
    try {
        return await axios({ url, timeout: timeoutMs, headers: { "User-Agent": "LibreChat/1.0", ...headers },
                             maxContentLength: Infinity, maxBodyLength: Infinity, ...request });
    } catch (error) {
        if (error.response) return error.response;
        throw error;
    }
}

function contentOf({ text, bytes }) {
    const piece = Buffer.alloc(65536, "0123456789abcdef");
    const pieces = text === undefined ? Array.from({ length: Math.ceil(bytes / piece.length) }, (_, at) =>
        piece.subarray(0, Math.min(piece.length, bytes - at * piece.length))) : [Buffer.from(text)];
    return Readable.from(pieces.filter((each) => each.length > 0), { objectMode: false });
}

async function collected(stream) {
    const pieces = [];
    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces);
}

// ---- Commands

const commands = {
    /** The library reads the address when it is loaded. */
    load({ base, params: given }) {
        process.env.LIBRECHAT_CODE_BASEURL = base;
        library = ofAgents("@librechat/agents");
        params = given;
        registry = definitions();
        tools = made();
        return Object.keys(tools);
    },

    /** Calls of tools, all at once, each as one of a model. */
    async call({ calls, params: own }) {
        const used = own ? made(own) : tools;
        return { answers: await Promise.all(calls.map((each) => invoked(each, used))), asked, requests };
    },

    /** The same as a turn of a conversation, whose files the library itself remembers. */
    async turn({ chat, calls, files }) {
        const { sessions, node } = chatOf(chat);
        const session_id = files?.[0].storage_session_id ?? files?.[0].session_id;
        if (files) sessions.set("execute_code", { session_id, files, lastUpdated: Date.now() });
        const { AIMessage } = ofAgents("@langchain/core/messages");
        const tool_calls = calls.map(({ name, args }) => ({ type: "tool_call", id: randomUUID(), name, args }));
        const messages = await node.invoke([new AIMessage({ content: "", tool_calls })]);
        return { answers: messages.map(told), asked, requests, files: sessions.get("execute_code")?.files ?? [] };
    },

    /** What the library makes of the listing of a session. */
    async listing({ session, key, scope }) {
        const base = process.env.LIBRECHAT_CODE_BASEURL;
        return scope ? library.fetchSessionFiles(base, session, scope, { "X-API-Key": key })
            : library.fetchSessionFiles(base, key, session);
    },

    async upload({ path, fields, files, headers }) {
        const form = new FormData();
        for (const [name, value] of fields) form.append(name, value);
        for (const file of files) form.append("file", contentOf(file), { filepath: file.name });
        const { status, data, request } = await sent({ method: "post", path, data: form, timeoutMs: 120_000,
                                                       headers: { ...form.getHeaders(), ...headers } });
        return { status, data, chunked: request.chunkedEncoding };
    },

    async ask({ method, path, data, headers, timeoutMs = 5000 }) {
        const answer = await sent({ method, path, data, headers, timeoutMs });
        return { status: answer.status, data: answer.data };
    },

    async download({ path, headers }) {
        const answer = await sent({ path, headers, timeoutMs: 15_000, responseType: "stream" });
        const content = await collected(answer.data);
        return { status: answer.status, headers: answer.headers, bytes: content.length,
                 sha256: createHash("sha256").update(content).digest("hex"), text: content.toString().slice(0, 1000) };
    },

    async keys() {
        const pair = await jose.generateKeyPair("EdDSA", { extractable: true });
        return { public: await jose.exportSPKI(pair.publicKey), private: await jose.exportPKCS8(pair.privateKey) };
    },

    sign: ({ jwt }) => signed(jwt),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
    const { do: name, ...command } = JSON.parse(line);
    [asked, requests] = [[], []];
    let answer;
    try {
        answer = { value: await commands[name](command) };
    } catch (error) {
        answer = { error: `${error.code ?? ""} ${error.message}` };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
