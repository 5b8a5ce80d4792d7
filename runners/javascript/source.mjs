// Cells as scripts: V8's REPL mode knows everything but `import`, which becomes calls. Line numbers stay.

const IMPORT = "__sbx_import__";
const BEFORE_REGEX = /(?:^|[=([{,;!&|?:+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield))$/;
const OPENING = "([{";
const CLOSING = ")]}";

/** Walks code outside of strings, comments and regular expressions; says where it is at the end. */
function scan(code, visit) {
    const nested = []; // depths at which a template's `${` goes back to its text
    let depth = 0;
    let before = ""; // the last significant piece, to tell a division from a regular expression
    let at = 0;
    const template = () => {
        while (at < code.length && code[at] !== "`") {
            if (code[at] === "\\") at++;
            else if (code[at] === "$" && code[at + 1] === "{") {
                nested.push(depth++);
                at += 2;
                return true;
            }
            at++;
        }
        before = ")";
        return at++ < code.length;
    };
    while (at < code.length) {
        const rest = code.slice(at, at + 2);
        if (rest === "//") at = end(code, "\n", at);
        else if (rest === "/*") {
            const close = code.indexOf("*/", at + 2);
            if (close < 0) return { open: true };
            at = close + 2;
        } else if (code[at] === '"' || code[at] === "'") at = string(code, at, (before = ")"));
        else if (code[at] === "`") {
            at++;
            if (!template()) return { open: true };
        } else if (code[at] === "/" && BEFORE_REGEX.test(before)) at = regex(code, at, (before = ")"));
        else if (code[at] === "}" && nested.length && nested.at(-1) === depth - 1) {
            depth = nested.pop();
            at++;
            if (!template()) return { open: true };
        } else {
            const word = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(code.slice(at, at + 256))?.[0];
            if (word) {
                at = visit?.({ word, at, depth, before }) ?? at + word.length;
                before = word;
                continue;
            }
            depth += OPENING.includes(code[at]) - CLOSING.includes(code[at]);
            if (!/\s/.test(code[at])) before = code[at];
            else if (code[at] === "\n" && depth === 0) before = before && `${before}`;
            at++;
        }
    }
    return { open: depth > 0 };
}

const end = (code, mark, from) => (code.indexOf(mark, from) + code.length + 1) % (code.length + 1);

function string(code, at) {
    const quote = code[at++];
    while (at < code.length && code[at] !== quote && code[at] !== "\n") at += code[at] === "\\" ? 2 : 1;
    return at + 1;
}

function regex(code, at) {
    let inClass = false;
    for (at++; at < code.length && code[at] !== "\n"; at++) {
        if (code[at] === "\\") at++;
        else if (code[at] === "[") inClass = true;
        else if (code[at] === "]") inClass = false;
        else if (code[at] === "/" && !inClass) return at + 1;
    }
    return at;
}

const STATIC =
    /^import\s*(?:(?<clause>[\p{ID_Start}$_{*][^'"();]*?)\s*from\s*)?(?<module>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?:\s*(?:with|assert)\s*(?<attributes>\{[^}]*\}))?[ \t]*;?/u;

/** One static import as a declaration that awaits. */
function declaration({ clause, module, attributes }) {
    const call = `await ${IMPORT}(${module}${attributes ? `, { with: ${attributes} }` : ""})`;
    if (!clause) return `${call};`;
    const names = /\{(?<list>[^}]*)\}/.exec(clause)?.groups.list ?? "";
    const all = /\*\s*as\s+(?<name>[\p{ID_Continue}$]+)/u.exec(clause)?.groups.name;
    const first = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(clause)?.[0];
    const parts = names.split(",").map((name) => name.trim()).filter(Boolean);
    const taken = parts.map((name) => name.replace(/\s+as\s+/, ": "));
    if (first) taken.unshift(`default: ${first}`);
    if (all) return `const ${all} = ${call}${first ? `, { default: ${first} } = ${all}` : ""};`;
    return `const { ${taken.join(", ")} } = ${call};`;
}

/** The cell with its imports as calls; an object literal alone is a value, not a block. */
export function toScript(code) {
    const pieces = [];
    let done = 0;
    scan(code, ({ word, at, depth, before }) => {
        if (word !== "import" || before === ".") return undefined;
        const found = depth === 0 ? STATIC.exec(code.slice(at)) : null;
        const dynamic = /^import\s*\(/.test(code.slice(at, at + 100));
        if (!found && !dynamic) return undefined;
        const length = found ? found[0].length : word.length;
        const text = found ? declaration(found.groups) : IMPORT;
        const lines = found ? "\n".repeat(found[0].split("\n").length - 1) : "";
        pieces.push(code.slice(done, at), text, lines);
        done = at + length;
        return done;
    });
    return pieces.join("") + code.slice(done);
}

/** Whether brackets, a template or a comment are still open. */
export const isOpen = (code) => scan(code).open;

export { IMPORT };
