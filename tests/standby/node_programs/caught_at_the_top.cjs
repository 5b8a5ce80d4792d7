process.on("uncaughtException", (error, origin) => console.log("caught", error.message, origin));
const end = Date.now() + 5;
setTimeout(() => console.log("timer"));
setImmediate(() => console.log("immediate"));
process.nextTick(() => console.log("tick"));
Promise.resolve().then(() => console.log("promise"));
while (Date.now() < end);
throw new Error("at the top");
