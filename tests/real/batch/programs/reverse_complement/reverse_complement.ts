import { createInterface } from "readline";

interface Sequence {
    readonly title: string;
    text: string;
}

const from = "ACGTBDHKMNRSVWYacgt";
const to = "TGCAVHDMKNYSBWRTGCA";
const complements = new Map<string, string>([...from].map((code, i) => [code, to[i]]));

function write({ title, text }: Sequence): void {
    console.log(title);
    const turned = [...text].reverse().map((code) => complements.get(code) ?? code);
    while (turned.length > 0) console.log(turned.splice(0, 60).join(""));
}

async function main(): Promise<void> {
    let sequence: Sequence | undefined;
    for await (const line of createInterface({ input: process.stdin })) {
        if (line.startsWith(">")) {
            if (sequence) write(sequence);
            sequence = { title: line, text: "" };
        } else if (sequence) {
            sequence.text += line;
        }
    }
    if (sequence) write(sequence);
}

void main();
