const forms = {
    number: () => process.exit(3),
    code: () => { process.exitCode = 4; },
    text: () => process.exit("5"),
    listener: () => process.on("exit", (code) => { console.log("listener", code); process.exitCode = 6; }),
    before: () => process.once("beforeExit", () => { console.log("before"); setTimeout(() => console.log("again")); }),
    abort: () => process.abort(),
    kill: () => process.kill(process.pid, "SIGKILL"),
    output: () => { process.stdout.write("x".repeat(30_000)); process.exit(7); },
    inTimer: () => setTimeout(() => process.exit(8)),
    inHandler: () => { process.on("uncaughtException", () => process.exit(9)); throw 1; },
};
forms[process.argv[2]]();
