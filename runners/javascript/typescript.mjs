// TypeScript's cells as JavaScript: types are erased; nothing is checked but the syntax.

import { createRequire, SourceMap } from "node:module";

const ts = createRequire(import.meta.url)("typescript");

const OPTIONS = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    preserveValueImports: true, // a later cell may be the one that uses it
    experimentalDecorators: true,
    sourceMap: true,
};

const maps = new Map(); // of each cell, by its name

function translated(code, name) {
    const { outputText, diagnostics, sourceMapText } = ts.transpileModule(code, {
        compilerOptions: OPTIONS, fileName: "cell.ts", reportDiagnostics: true,
    });
    const text = outputText.replace(/^\/\/# sourceMappingURL=.*$|^export \{\};$/gm, "");
    return { text: text.trimEnd(), map: sourceMapText, complaint: diagnostics[0] && complaint(code, diagnostics[0], name) };
}

function complaint(code, { start, messageText, code: number }, name) {
    const before = code.slice(0, start).split("\n");
    const error = new SyntaxError(`TS${number}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
    error.stack = `SyntaxError: ${error.message}\n    at ${name}:${before.length}:${before.at(-1).length + 1}`;
    return error;
}

/** An object literal alone is a value, not a block. */
function asValue(code, name) {
    if (!/^\s*\{/.test(code) || /;\s*$/.test(code)) return undefined;
    const value = translated(`(${code}\n)`, name);
    return value.complaint ? undefined : value;
}

export function toJavaScript(code, name) {
    const { text, map, complaint: error } = asValue(code, name) ?? translated(code, name);
    if (error) throw error;
    maps.set(name, new SourceMap(JSON.parse(map)));
    return text;
}

export const isWhole = (code) => Boolean(asValue(code)) || !translated(code).complaint;

/** A stack's text with the lines of the cells as they were typed. */
export function withTypedLines(stack) {
    return stack.replace(/(<cell-\d+>):(\d+):(\d+)/g, (all, name, line, column) => {
        const { originalLine, originalColumn } = maps.get(name)?.findEntry(line - 1, column - 1) ?? {};
        return originalLine === undefined ? all : `${name}:${originalLine + 1}:${originalColumn + 1}`;
    });
}
