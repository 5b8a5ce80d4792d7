const patterns = [/agg[act]aa/g, /ga(tt|cc)a/g, /[B-Y]{2}/g, /a{5,}/g, /(ct){3}/g, /g[BDK]t|t[VWY]g/g, /^[acgt]+$/gm];

const text = require("fs").readFileSync(0, "latin1");
for (const pattern of patterns) console.log(pattern.source, [...text.matchAll(pattern)].length);
const bare = text.replace(/>.*\n|\n/g, "");
const marked = bare.replace(/[B-Y]+/g, "<$&>");
console.log(text.length, bare.length, marked.length);
