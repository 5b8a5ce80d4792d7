import { pipeline } from "node:stream/promises";
import { createGzip, createGunzip } from "node:zlib";

await pipeline(process.stdin, createGzip(), createGunzip(), process.stdout);
