for (const name of ["internal/options", "internal/modules/cjs/loader", "internal/test/binding"]) {
    try {
        console.log(typeof require(name));
    } catch (error) {
        console.log(error.code);
    }
}
console.log(require("module").builtinModules.length, require("inspector").url(), process.debugPort);
console.log(require("vm").runInNewContext("new Error('x').stack"));
