process.stdout.on("finish", () => console.error("finished"));
for (let i = 0; i < 2000; i++) process.stdout.write(`${i} ${"x".repeat(100)}\n`);
console.error(process.stdout.constructor.name, process.stdout._type, process.stderr._type);
