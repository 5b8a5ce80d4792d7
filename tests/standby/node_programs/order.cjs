const events = [];
const note = (name) => () => events.push(name);
setTimeout(() => { note("timer")(); process.nextTick(note("tick of the timer")); });
setTimeout(note("second timer"));
process.nextTick(() => { note("tick")(); Promise.resolve().then(note("promise of the tick")); });
Promise.resolve().then(() => { note("promise")(); process.nextTick(note("tick of the promise")); });
queueMicrotask(note("microtask"));
process.nextTick(note("second tick"));
const end = Date.now() + 5; // so that the timers are due when the loop begins
while (Date.now() < end);
setImmediate(() => { note("immediate")(); setImmediate(note("second immediate")); });
process.on("beforeExit", note("before the exit"));
process.on("exit", () => console.log(events.join("\n")));
note("main")();
