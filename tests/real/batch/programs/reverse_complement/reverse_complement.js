const complements = Object.fromEntries([..."ACGTBDHKMNRSVWYacgt"].map((code, i) => [code, "TGCAVHDMKNYSBWRTGCA"[i]]));

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
    for (const record of input.split(">").slice(1)) {
        const [title, ...lines] = record.split("\n");
        const text = [...lines.join("")].reverse().map((code) => complements[code]).join("");
        console.log(`>${title}\n${text.match(/.{1,60}/g).join("\n")}`);
    }
});
