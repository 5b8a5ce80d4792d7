// What compile.js made runs under the name and at the place of its source: so __dirname, node_modules and tracebacks
// are those of the user's own files.
"use strict";
const { readFileSync } = require("fs");
const Module = require("module");
const path = require("path");

function load(module, source) {
    const made = path.join("/tmp/.sbx-program", path.relative("/work", source)).replace(/ts$/, "js");
    module._compile(readFileSync(made, "utf8"), source);
}
for (const extension of [".ts", ".cts", ".mts"]) Module._extensions[extension] = load;

// TypeScript lets x.ts be imported as x.js, which it would be elsewhere.
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
    try {
        return resolve(request, ...rest);
    } catch (error) {
        if (!/^\.{1,2}\/.*js$/.test(request)) throw error;
        return resolve(request.replace(/js$/, "ts"), ...rest);
    }
};
