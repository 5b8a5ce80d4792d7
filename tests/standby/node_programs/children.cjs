const { execFileSync, spawnSync, fork } = require("child_process");
const show = "JSON.stringify([process.argv, process.execArgv, process.env.NODE_OPTIONS, require('fs').readdirSync('/proc/self/fd').length])";
if (process.argv[2] === "child") {
    process.on("message", (message) => {
        process.send([message, process.argv, process.execArgv, require.main === module]);
        process.disconnect();
    });
} else {
    console.log(execFileSync(process.execPath, ["-p", show]).toString());
    console.log(spawnSync("sh", ["-c", "echo $0 $PPID; env | cut -d= -f1; cat"], { input: "in" }).stdout.toString().replace(process.pid, "PID"));
    spawnSync(process.execPath, ["-p", show], { stdio: "inherit" });
    fork(__filename, ["child"]).on("message", (message) => console.log(message)).on("exit", (code) => console.log("exit", code)).send("hi");
}
