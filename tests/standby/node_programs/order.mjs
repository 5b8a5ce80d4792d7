process.nextTick(() => console.log("tick"));
Promise.resolve().then(() => console.log("promise"));
setTimeout(() => console.log("timer"));
await null;
console.log("main");
await new Promise((resolve) => setTimeout(resolve, 10));
console.log("end");
