const fs = require("fs");
const first = fs.openSync(__filename);
console.log(first, fs.openSync(__filename));
fs.promises.open(__filename).then(async (file) => { console.log(file.fd); await file.close(); });
