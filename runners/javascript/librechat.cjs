// Lets a program of JavaScript or TypeScript mix `require`, `__dirname`, `import` and top-level `await` as it likes.
// usage: node --require librechat.cjs FILE [ARGUMENT...]
// A file that is no CommonJS only because of `import` or `await` runs as the module .NAME.mjs, a copy beside it that is
// gone at the end; TypeScript loses its types, which nobody checks. docs/dialects.md, "librechat".
"use strict";
const fs = require("fs");
const Module = require("module");
const path = require("path");
const { compileFunction, Script } = require("vm");
const { isMainThread } = require("worker_threads");

const PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];
const ONLY_IN_MODULES = new RegExp(
    [
        "Cannot use import statement outside a module",
        "Cannot use 'import\\.meta' outside a module",
        "Unexpected token 'export'",
        "await is only valid in async",
        "Unexpected reserved word",
        `Identifier '(?:${PARAMETERS.join("|")})' has already been declared`,
    ].join("|"),
);
const TYPED = /\.[cm]?tsx?$/;
const DECIDED = /\.[cm]js$/;

/** Hidden from whoever lists the names of the global object, as Node's own are. */
function provide(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

function provideForModules(file) {
    const own = new Module(file, null);
    own.filename = file;
    own.paths = Module._nodeModulePaths(path.dirname(file));
    provide("require", Module.createRequire(file));
    provide("__dirname", path.dirname(file));
    globalThis.require.main = own; // `require.main === module`
    return own;
}

/** Whether it makes sense as a module alone; a text with a mistake is told of by whatever runs it. */
function needsModule(text, file) {
    try {
        compileFunction(text, PARAMETERS, { filename: file });
        return false;
    } catch (error) {
        return error instanceof SyntaxError && (ONLY_IN_MODULES.test(error.message) || isAsynchronous(text));
    }
}

/** Of `f(await x)` V8 says no more than that a bracket is missing. */
function isAsynchronous(text) {
    try {
        return Boolean(new Script(`"use strict"; async () => {${text.replace(/^#!.*/, "")}\n}`));
    } catch {
        return false;
    }
}

function runAsModule(text, file, own) {
    const copy = path.join(path.dirname(file), `.${path.parse(file).name.replace(/^\./, "")}.mjs`);
    fs.writeFileSync(copy, text);
    process.once("exit", () => fs.rmSync(copy, { force: true }));
    provide("module", own);
    provide("exports", own.exports);
    provide("__filename", file);
    Module.runMain = Module.runMain.bind(null, copy);
}

// -- TypeScript -------------------------------------------------------------------------------------------------------

/** The text without types; a mistake in it ends the process as a compiler ends. */
function withoutTypes(file, kind) {
    const ts = require("typescript");
    const { outputText, diagnostics } = ts.transpileModule(fs.readFileSync(file, "utf8"), {
        compilerOptions: {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind[kind],
            esModuleInterop: true,
            experimentalDecorators: true,
            jsx: ts.JsxEmit.React,
            inlineSourceMap: true,
            inlineSources: true,
        },
        fileName: file,
        reportDiagnostics: true,
    });
    if (diagnostics.length) {
        const host = { getCanonicalFileName: String, getCurrentDirectory: () => process.cwd(), getNewLine: () => "\n" };
        process.stderr.write(ts.formatDiagnostics(diagnostics, host));
        process.exit(1);
    }
    return outputText;
}

function takeTypeScript() {
    process.setSourceMapsEnabled(true);
    for (const extension of [".ts", ".cts", ".mts", ".tsx"]) {
        Module._extensions[extension] = (module, file) => module._compile(withoutTypes(file, "CommonJS"), file);
    }
}

// -- The program ------------------------------------------------------------------------------------------------------

function prepare(file) {
    const own = provideForModules(file);
    if (DECIDED.test(file)) return;
    const isTyped = TYPED.test(file);
    if (isTyped) takeTypeScript();
    const text = isTyped ? withoutTypes(file, "CommonJS") : fs.readFileSync(file, "utf8");
    if (needsModule(text, file)) runAsModule(isTyped ? withoutTypes(file, "ESNext") : text, file, own);
}

if (process.argv[1]) {
    delete require.cache[__filename];
    (isMainThread ? prepare : provideForModules)(path.resolve(process.argv[1]));
}
