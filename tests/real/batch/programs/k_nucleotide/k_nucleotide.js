const readline = require("node:readline");

function counts(text, length) {
    const found = new Map();
    for (let i = 0; i + length <= text.length; i++) {
        const word = text.slice(i, i + length);
        found.set(word, (found.get(word) ?? 0) + 1);
    }
    return found;
}

async function third() {
    let text;
    for await (const line of readline.createInterface({ input: process.stdin })) {
        if (line.startsWith(">THREE")) text = [];
        else text?.push(line.toUpperCase());
    }
    return text.join("");
}

third().then((text) => {
    for (const length of [1, 2]) {
        const found = [...counts(text, length)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
        for (const [word, count] of found) console.log(word, ((100 * count) / (text.length - length + 1)).toFixed(3));
        console.log();
    }
    for (const word of ["GAT", "GATT", "GATTA", "GATTACA"]) console.log(counts(text, word.length).get(word) ?? 0, word);
});
