function deep(count) {
    if (count > 0) return deep(count - 1);
    return new Error("shown").stack;
}
Error.stackTraceLimit = 100;
console.log(deep(3));
process.nextTick(() => console.log(new Error("in a tick").stack));
Promise.resolve().then(() => console.log(new Error("in a promise").stack));
setTimeout(() => console.log(new Error("in a timer").stack));
setImmediate(() => console.log(new Error("in an immediate").stack));
Error.prepareStackTrace = (_, sites) => sites.map((site) => [site.getFileName(), site.getFunctionName(), site.isToplevel()]);
console.log(new Error("as sites").stack);
