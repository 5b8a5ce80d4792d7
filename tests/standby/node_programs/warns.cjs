process.on("warning", (warning) => console.log(warning.name, warning.message));
process.emitWarning("careful");
new Buffer(1);
const emitter = new (require("events"))();
for (let i = 0; i < 11; i++) emitter.on("x", () => {});
