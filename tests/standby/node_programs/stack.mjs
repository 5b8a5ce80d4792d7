const later = async () => {
    await null;
    return new Error("shown").stack;
};
Error.stackTraceLimit = 100;
console.log(new Error("at the top").stack);
console.log(await later());
process.on("exit", () => console.log(new Error("at the exit").stack));
