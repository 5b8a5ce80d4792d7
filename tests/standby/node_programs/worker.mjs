import { Worker, isMainThread, parentPort, workerData, threadId } from "node:worker_threads";
import { fileURLToPath } from "node:url";

if (isMainThread) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: "data", argv: ["a"] });
    worker.on("message", (message) => console.log(message));
    worker.on("error", (error) => console.log(error.stack));
    worker.on("exit", (code) => console.log("exit", code));
} else {
    parentPort.postMessage([workerData, threadId, process.argv, process.execArgv, process.mainModule, Object.keys(process.env).length]);
    parentPort.postMessage(Object.getOwnPropertyNames(globalThis).join());
    setTimeout(() => { throw new Error("in the thread"); });
}
