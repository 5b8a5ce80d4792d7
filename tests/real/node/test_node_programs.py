"""Programs from the npm registry, with their dependencies copied into the sandbox, give the output they should."""

import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
PROGRAMS = HERE / "programs"

# name: (arguments of node, exit code); what it prints is in expected/<name>.txt
COMMANDS = {
    "acorn": ("syntax.js", 0),
    "esbuild": ("node_modules/esbuild/bin/esbuild --bundle --minify --log-level=error modules/main.js", 0),
    "express": ("service.js", 0),
    "less": ("node_modules/less/bin/lessc theme.less", 0),
    "marked": ("node_modules/marked/bin/marked.js --gfm -i page.md", 0),
    "mocha": ("node_modules/mocha/bin/mocha.js --reporter tap queue.spec.js", 0),
    "prettier": ("node_modules/prettier/bin/prettier.cjs untidy.js", 0),
    "rollup": ("node_modules/rollup/dist/bin/rollup --silent --format iife modules/main.js", 0),
    "sass": ("node_modules/sass/sass.js --no-source-map theme.scss", 0),
    "sql.js": ("query.js", 0),
    "terser": ("node_modules/terser/bin/terser --module --compress --mangle -- untidy.js", 0),
    "typescript": ("node_modules/typescript/bin/tsc --strict --lib es2022 --noEmit --pretty false wrong_types.ts", 2),
}


@pytest.fixture(scope="session")
def node_modules(test_directory, one_at_a_time):
    """The packages of package-lock.json, installed once below the build directory."""
    directory = test_directory / "node"
    installed = directory / "installed-lock.json"
    lock = (HERE / "package-lock.json").read_text()
    with one_at_a_time("node"):
        if not installed.exists() or installed.read_text() != lock:
            directory.mkdir(exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, directory)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=directory, check=True)
            installed.write_text(lock)
    return directory / "node_modules"


@pytest.fixture(scope="session")
def given(node_modules, images_version):
    """The flags for image and files: --all, since a directory goes without its node_modules otherwise."""
    return ["--image", f"sbx/javascript:{images_version}", "--all", f"--file={node_modules}:node_modules",
            *(f"--file={path.name}" for path in sorted(PROGRAMS.iterdir()))]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_program_of_the_registry_prints_what_it_should(sbx, given, name):
    arguments, exit_code = COMMANDS[name]
    expected = (HERE / "expected" / f"{name}.txt").read_text()
    sbx.expect(expected, *given, "--", "node", *arguments.split(), exit_code=exit_code, cwd=PROGRAMS)


def test_typescript_compiles_a_program_that_then_runs(sbx, given):
    script = "node node_modules/typescript/bin/tsc --strict --lib es2022,dom shapes.ts && node shapes.js"
    sbx.expect("15.569\n", *given, "--", "sh", "-c", script, cwd=PROGRAMS)
