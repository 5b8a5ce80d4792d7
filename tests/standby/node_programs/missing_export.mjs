import { nothing } from "./exports.mjs";
