// Counts what kinds of syntax a source file is made of.
const acorn = require("acorn");
const fs = require("node:fs");

const counts = new Map();
function visit(node) {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node.type === "string") counts.set(node.type, (counts.get(node.type) ?? 0) + 1);
    Object.values(node).forEach(visit);
}
visit(acorn.parse(fs.readFileSync("untidy.js", "utf8"), { ecmaVersion: 2022, sourceType: "module" }));
for (const [type, count] of [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))) console.log(count, type);
try {
    acorn.parse("let x = ;", { ecmaVersion: 2022 });
} catch (error) {
    console.log(error.message, "pos", error.pos);
}
