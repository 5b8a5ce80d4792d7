import { readFileSync } from "fs";

class Counter<Key> {
    private readonly counts = new Map<Key, number>();
    total = 0;

    add(key: Key): void {
        this.counts.set(key, this.of(key) + 1);
        this.total++;
    }

    of(key: Key): number {
        return this.counts.get(key) ?? 0;
    }

    mostFirst(): [Key, number][] {
        return [...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    }
}

function words(text: string, length: number): Counter<string> {
    const counter = new Counter<string>();
    for (let i = 0; i + length <= text.length; i++) counter.add(text.substring(i, i + length));
    return counter;
}

const record = readFileSync(0, "ascii").split(">").find((each) => each.startsWith("THREE")) ?? "";
const text = record.split("\n").slice(1).join("").toUpperCase();
for (const length of [1, 2]) {
    const found = words(text, length);
    for (const [word, count] of found.mostFirst()) console.log(`${word} ${((100 * count) / found.total).toFixed(3)}`);
    console.log();
}
for (const word of ["GAT", "GATT", "GATTA", "GATTACA"]) console.log(`${words(text, word.length).of(word)} ${word}`);
