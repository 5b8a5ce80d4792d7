let size = 0;
console.log(process.stdin.constructor.name, process.stdin.isTTY, process.stdin.fd);
process.stdin.on("data", (data) => { size += data.length; }).on("end", () => console.log(size));
