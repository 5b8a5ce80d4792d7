import fallback, { value } from "./exports.mjs";
import cjs from "./hello.cjs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
console.log(fallback, value, cjs, require("./typed/package.json"), require.main, require.cache);
console.log(Object.keys(await import("./exports.mjs")), await import("./no_such.mjs").catch((error) => error.code));
