const assert = require("node:assert");
const { Worker } = require("node:worker_threads");
const { execFileSync } = require("node:child_process");

class Queue {
    #items = [];
    push(item) { this.#items.push(item); return this; }
    take() { if (this.#items.length === 0) throw new Error("queue is empty"); return this.#items.shift(); }
    get length() { return this.#items.length; }
}

describe("a queue", () => {
    it("gives items back in the order they came", () => {
        const queue = new Queue().push("a").push("b");
        assert.deepStrictEqual([queue.take(), queue.take(), queue.length], ["a", "b", 0]);
    });
    it("refuses to give what it has not", () => assert.throws(() => new Queue().take(), /empty/));
});

describe("the platform", () => {
    it("starts workers", async () => {
        const code = "require('node:worker_threads').parentPort.postMessage(6 * 7)";
        const answer = await new Promise((resolve, reject) => {
            new Worker(code, { eval: true }).once("message", resolve).once("error", reject);
        });
        assert.strictEqual(answer, 42);
    });
    it("starts child processes", () => {
        assert.strictEqual(execFileSync(process.execPath, ["-p", "6 * 7"], { encoding: "utf8" }), "42\n");
    });
    it("keeps time", async () => {
        const begin = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.ok(performance.now() - begin >= 19);
    });
});
