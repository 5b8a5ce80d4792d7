const seen = new Set(Array.from({ length: 100 }, Math.random));
console.log(seen.size, require("crypto").randomBytes(8).length, crypto === undefined);
