// Fetches npm from the index, for images that have none, into a directory; prints the path of its program.
"use strict";
const { createHash } = require("node:crypto");
const { execFileSync } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const path = require("node:path");

const version = "9.9.4";
const sha512 = "NzcQiLpqDuLhavdyJ2J3tGJ/ni/ebcqHVFZkv1C4/6lblraUPbPgCJ4Vhb4oa3FFhRa2Yj9gA58jGH/ztKueNQ==";

function fail(reason) {
    process.stderr.write(`${reason}\n`);
    process.exit(1);
}

const url = `${process.env.SBX_INDEX.replace(/\/$/, "")}/npm/-/npm-${version}.tgz`;
const { get } = url.startsWith("http:") ? http : https;
get(url, (answer) => {
    if (answer.statusCode !== 200) fail(`the image has no npm, and ${url} answers ${answer.statusCode}`);
    const pieces = [];
    answer.on("data", (piece) => pieces.push(piece));
    answer.on("end", () => {
        const content = Buffer.concat(pieces);
        if (createHash("sha512").update(content).digest("base64") !== sha512)
            fail(`${url} is not the npm ${version} that was expected`);
        const directory = process.argv[2];
        writeFileSync(path.join(directory, "npm.tgz"), content);
        execFileSync("tar", ["-xzf", "npm.tgz"], { cwd: directory });
        console.log(path.join(directory, "package", "bin", "npm-cli.js"));
    });
}).on("error", (error) => fail(`cannot fetch ${url}: ${error.message}`));
