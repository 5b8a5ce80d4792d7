const end = () => { console.log("caught"); process.exit(9); };
if (process.argv[2]) process.on(process.argv[2], end);
console.log("waits");
setInterval(() => {}, 1000);
