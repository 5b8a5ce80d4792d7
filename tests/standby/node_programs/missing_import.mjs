import x from "./no_such.mjs";
