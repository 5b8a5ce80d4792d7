// All that a program sees of the process it runs in.
const { executionAsyncId, triggerAsyncId } = require("async_hooks");
const fs = require("fs");
const { performance } = require("perf_hooks");

const print = (name, value) => fs.writeSync(1, `${name}: ${JSON.stringify(value)}\n`);
const described = (object) => Object.entries(Object.getOwnPropertyDescriptors(object)).map(
    ([name, { value, get, writable, enumerable }]) => [name, typeof (value ?? get), writable, enumerable]);
print("arguments", [process.argv, process.execArgv, process.argv0, process.execPath, process.title]);
print("module", [require.main === module, process.mainModule === module, module.id, module.filename, module.paths]);
print("module graph", [module.parent, module.children, module.loaded, Object.keys(require.cache)]);
print("names", [__filename, __dirname, process.cwd()]);
print("process", described(process));
print("global", described(globalThis));
print("ids", [executionAsyncId(), triggerAsyncId()]);
print("active", [process._getActiveHandles().length, process._getActiveRequests().length]);
print("resources", process.getActiveResourcesInfo?.());
print("listeners", process.eventNames().map((name) => [name, process.listenerCount(name)]));
print("umask", [process.umask(), process.getuid(), process.getgroups()]);
print("environment", process.env);
print("descriptors", fs.readdirSync("/proc/self/fd").sort());
print("loop", [performance.nodeTiming.loopStart, performance.nodeTiming.loopExit]);
print("threads", require("worker_threads").isMainThread);
print("signals", fs.readFileSync("/proc/self/status", "utf8").match(/^Sig(Pnd|Blk|Ign|Cgt):.*$/gm));
print("limits", fs.readFileSync("/proc/self/limits", "utf8"));
print("session", fs.readFileSync("/proc/self/stat", "utf8").split(" ")[5] - process.pid);
print("shown command", fs.readFileSync("/proc/self/cmdline", "utf8").replaceAll("\0", " ").trimEnd());
print("name of the process", fs.readFileSync("/proc/self/comm", "utf8"));
setImmediate(() => print("in the loop", performance.nodeTiming.loopStart > 0));
