// Compiles FILE and what it imports into DIRECTORY: `node --snapshot-blob compile.blob FILE DIRECTORY`.
// The image concatenates it with typescript.js and makes a snapshot of the whole after one compilation: TypeScript is
// loaded and the declarations of the language, the DOM and Node are parsed by then, which is most of a compiler's work.
// The options are tsc's own but for what scripts of today take for granted.
const declarations = new Map();

function optionsFor(directory) {
    return {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.NodeJs,
        moduleDetection: ts.ModuleDetectionKind.Force,
        esModuleInterop: true,
        experimentalDecorators: true,
        resolveJsonModule: true,
        skipLibCheck: true,
        typeRoots: ["/usr/share/nodejs/@types"],
        types: ["node"],
        inlineSourceMap: true,
        noEmitOnError: true,
        outDir: directory,
        rootDir: process.cwd(),
    };
}

function hostFor(options) {
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile;
    host.getDefaultLibLocation = () => "/usr/share/nodejs/typescript/lib";
    host.getDefaultLibFileName = () => `${host.getDefaultLibLocation()}/${ts.getDefaultLibFileName(options)}`;
    host.getSourceFile = (name, ...rest) => {
        if (!name.startsWith("/usr/share/")) return read(name, ...rest);
        if (!declarations.has(name)) declarations.set(name, read(name, ...rest));
        return declarations.get(name);
    };
    return host;
}

/// Whether there was nothing to complain of.
function compile(file, directory) {
    const options = optionsFor(directory);
    const host = hostFor(options);
    const program = ts.createProgram([file], options, host);
    const complaints = ts.getPreEmitDiagnostics(program);
    if (!complaints.length) program.emit();
    process.stderr.write(ts.formatDiagnostics(complaints, host));
    return !complaints.length;
}

const { rmSync, writeFileSync } = require("fs");
writeFileSync("warm.ts", 'import * as fs from "fs";\nconsole.log(fs.readFileSync(process.argv[1]));\n');
if (!compile("warm.ts", "warm")) process.exit(1);
for (const name of ["warm.ts", "warm"]) rmSync(name, { recursive: true });

require("v8").startupSnapshot.setDeserializeMainFunction(() => {
    const [file, directory] = process.argv.slice(-2);
    process.exitCode = compile(file, directory) ? 0 : 1;
});
