import fs from "node:fs";
import { executionAsyncId } from "node:async_hooks";

console.log(import.meta.url, process.argv, process.execArgv, process.mainModule, executionAsyncId());
console.log(Object.getOwnPropertyNames(process).join(), Object.getOwnPropertyNames(globalThis).join());
console.log(fs.readdirSync("/proc/self/fd").length, process._getActiveHandles().length, typeof require, this);
console.log(await import.meta.resolve?.("./hello.mjs"), Object.keys(import.meta));
