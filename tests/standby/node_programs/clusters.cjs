const cluster = require("cluster");
if (cluster.isPrimary) {
    cluster.fork({ NUMBER: "1" }).on("message", (message) => console.log(message));
    cluster.on("exit", (worker, code) => console.log("exit", worker.id, code));
} else {
    process.send([process.env.NUMBER, process.argv.slice(1), process.execArgv]);
    process.exit(5);
}
