const { Worker } = require("worker_threads");
const code = "const { parentPort } = require('worker_threads'); parentPort.postMessage([require.main, module.paths, process.argv, process.execArgv])";
new Worker(code, { eval: true }).on("message", (message) => console.log(message));
