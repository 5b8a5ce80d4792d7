import { readFileSync } from "fs";

const patterns: readonly string[] = [
    "agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$",
];

function count(text: string, pattern: string): number {
    const expression = new RegExp(pattern, "gm");
    let found = 0;
    while (expression.exec(text) !== null) found++;
    return found;
}

const text: string = readFileSync(0).toString();
for (const pattern of patterns) console.log(`${pattern} ${count(text, pattern)}`);
const bare = text.replace(/>.*\n|\n/g, "");
const marked = bare.replace(/[B-Y]+/g, (codes: string): string => `<${codes}>`);
console.log([text, bare, marked].map(({ length }) => length).join(" "));
