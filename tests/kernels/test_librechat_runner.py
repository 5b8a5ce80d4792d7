"""What runs programs for the dialect librechat: in Python, JavaScript, TypeScript and R, with their plots."""

import os
import subprocess

import pytest

from containers import PLACE, run_in_image
from kernel import RUNNERS

PYTHON = "/usr/bin/python3"
RUNNER = RUNNERS / "python" / "librechat.py"
PNG = b"\x89PNG\r\n\x1a\n"


# -- Python -----------------------------------------------------------------------------------------------------------

class Runs:
    """One program, by the runner and without: the entry file lies outside of the work directory."""

    def __init__(self, folder, code, *arguments, **options):
        work = folder / "work"
        entry = folder / "entry" / "main.py"
        for directory in (work, entry.parent):
            directory.mkdir(exist_ok=True)
        entry.write_bytes(code if isinstance(code, bytes) else code.encode())
        (work / "uploaded.py").write_text("def f(n):\n    return 1 / n\n")
        begin = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        promised = {**begin, "HOME": "/tmp", "MPLBACKEND": "Agg", "PYTHONPATH": f"{RUNNERS}/python/plots:{work}",
                    "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        self.ended = self.run(work, begin, [PYTHON, RUNNER, entry, *arguments], **options)
        self.plain = self.run(work, promised, [PYTHON, entry, *arguments], **options)

    @staticmethod
    def run(work, environment, command, **options):
        return subprocess.run(command, cwd=work, env=environment, capture_output=True, timeout=60, check=False, **options)


@pytest.fixture
def runs(tmp_path):
    return lambda *words, **options: Runs(tmp_path, *words, **options)


@pytest.mark.parametrize("code", [
    "",
    "print('Hello, Wörld 😀!')",
    "import os, sys\nprint(__name__, __file__, sys.argv, sys.path, sys.orig_argv[1:], os.getcwd(), os.listdir('.'))",
    "import os\nprint(sorted(os.environ.items()))",
    "print(sorted(globals()), __spec__, __doc__, __package__, __annotations__, type(__loader__), __builtins__)",
    "import sys\nprint([name for name in sys.modules if 'librechat' in name or 'plots' in name], len(sys.meta_path))",
    "import sys\nfor f in sys.stdin, sys.stdout, sys.stderr:\n    print(f, f.errors, f.newlines, type(f.buffer))",
    "import uploaded, sys\nprint(uploaded.__file__, sys.dont_write_bytecode)\nuploaded.f(0)",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import uploaded, sys; print(sys.path)'], check=True)",
    "import multiprocessing\ndef f(n): return n + 1\nif __name__ == '__main__':\n"
    "    with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.map(f, [1]))",
    "import sys\nprint('last words', file=sys.stderr)\nsys.exit(3)",
    "import sys\nsys.exit('why')",
    "raise SystemExit",
    "import os\nos._exit(7)",
    "import os\nprint('out')\nos.kill(os.getpid(), 9)",
    "import sys\nsys.stdout.write('no end of line')\nsys.stdout.buffer.write(b' \\xff')\nimport os\nos.abort()",
    "raise KeyboardInterrupt",
    "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(5)",
    "print('\\ud83d')",
    "print(input())",
    "import atexit\natexit.register(print, 'at the end')\n1 / 0",
    "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()\n1 / 0",
    "import sys\nsys.excepthook = lambda kind, error, trace: print('mine', kind, trace.tb_lineno)\n1 / 0",
    "import pickle\nclass A: pass\nprint(pickle.loads(pickle.dumps(A)), A)",
    "def f():\n    return x\ndef g():\n    f()\ng()",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
    "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
    "def f(:\n",
    "  x = 1",
    "x = '''\nseveral\n  lines'''\nprint(x)\nfrom math import *\nprint(pi)",
    "import sys\nsys.stdout = sys.stderr = None\n1 / 0",
    "import os, sys\nsys.stdout.close()\nos.close(2)\n1 / 0",
    "import no_such_module",
    "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    1 / 0\nasyncio.run(main())",
    "import inspect\ndef f(): pass\nprint(inspect.getsource(f))",
])  # fmt: skip
def test_a_program_cannot_tell_the_runner_from_python(runs, code):
    done = runs(code, "-a", "b c", "", stdin=subprocess.DEVNULL)
    assert (done.ended.returncode, done.ended.stdout) == (done.plain.returncode, done.plain.stdout)
    assert done.ended.stderr == done.plain.stderr


def test_a_stack_that_is_too_deep_is_told_without_frames_of_ours(runs):
    done = runs("def f(n):\n    return f(n + 1)\nf(0)")
    assert done.ended.returncode == 1 and str(RUNNERS).encode() not in done.ended.stderr
    assert done.ended.stderr.startswith(b'Traceback (most recent call last):\n  File "') and b"RecursionError" in done.ended.stderr


def test_output_is_out_before_a_kill(runs):
    done = runs("import os\nprint('a', end='')\nprint('b', 'c')\nos.kill(os.getpid(), 9)").ended
    assert (done.returncode, done.stdout) == (-9, b"ab c\n")


# -- Plots ------------------------------------------------------------------------------------------------------------

class Plots:
    """A program of the image librechat: what is in the work directory afterwards."""

    def __init__(self, folder, code, command=("python3", "/.sbx/python/librechat.py", f"{PLACE}/.entry/main.py"), **env):
        entry = folder / ".entry"
        entry.mkdir()
        (entry / "main.py").write_text(code)
        self.folder = folder
        self.ended = run_in_image("librechat", folder, *command, **env)
        self.files = sorted(path.name for path in folder.iterdir() if path != entry)

    def size(self, name):
        content = (self.folder / name).read_bytes()
        assert content.startswith(PNG) and content.endswith(b"IEND\xaeB`\x82")
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


@pytest.fixture
def plots(tmp_path):
    return lambda code, *words, **options: Plots(tmp_path, code, *words, **options)


BEGIN = "import matplotlib.pyplot as plt\nimport os, sys\n"


@pytest.mark.parametrize("code, files", [
    ("plt.plot([1]); plt.show()", ["plot_1.png"]),
    ("plt.plot([1]); plt.show(); plt.show(); plt.plot([2]); plt.show()", ["plot_1.png", "plot_2.png"]),
    ("for n in range(3): plt.figure(); plt.plot([n])\nplt.show(block=False)", ["plot_1.png", "plot_2.png", "plot_3.png"]),
    ("open('plot_1.png', 'w'); os.symlink('nowhere', 'plot_2.png'); plt.plot([1])", ["plot_1.png", "plot_2.png", "plot_3.png"]),
    ("plt.plot([1])", ["plot_1.png"]),
    ("plt.plot([1]); sys.exit(0)", ["plot_1.png"]),
    ("plt.plot([1]); plt.savefig('own.png'); plt.show()", ["own.png"]),
    ("fig, ax = plt.subplots(); ax.plot([1]); fig.savefig('own.pdf')", ["own.pdf"]),
    ("import io\nplt.plot([1]); plt.savefig(io.BytesIO())", []),
    ("plt.plot([1]); plt.gcf().canvas.print_figure('own.svg')", ["own.svg"]),
    ("plt.plot([1]); plt.savefig('own.png'); plt.clf(); plt.plot([2]); plt.show()", ["own.png", "plot_1.png"]),
    ("fig, ax = plt.subplots(); ax.plot([1]); fig.show(); plt.show()", ["plot_1.png"]),
    ("from matplotlib.figure import Figure\nf = Figure(); f.subplots().plot([1]); f.show()", ["plot_1.png"]),
    ("plt.figure(); plt.show(); plt.figure()", []),
    ("plt.plot([1]); plt.close()", []),
    ("plt.plot([1]); os.mkdir('sub'); os.chdir('sub'); plt.show()", ["plot_1.png", "sub"]),
    ("plt.plot([1]); os.chdir('/tmp')", ["plot_1.png"]),
    ("import matplotlib\nmatplotlib.use('TkAgg'); plt.plot([1]); assert plt.get_backend() == 'agg'", ["plot_1.png"]),
    ("plt.switch_backend('Qt5Agg'); plt.plot([1])", ["plot_1.png"]),
    ("for n in range(3): plt.plot([n]); plt.pause(0.01)", ["plot_1.png"]),
    ("plt.title('中文 日本語 한국어 é'); plt.plot([1]); plt.show()", ["plot_1.png"]),
    ("plt.rcParams['font.sans-serif'] = ['SimHei']; plt.title('中文'); plt.plot([1])", ["plot_1.png"]),
    ("plt.title('$\\\\frac{$'); plt.plot([1]); plt.show(); plt.figure(); plt.plot([1])", ["plot_1.png"]),
    ("plt.plot([1])\nif os.fork(): os.wait()", ["plot_1.png"]),
    ("import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot(); pd.Series([1]).hist()", ["plot_1.png"]),
    ("import seaborn as sns\nsns.relplot(x=[1, 2], y=[1, 2]); plt.show()", ["plot_1.png"]),
    ("import seaborn.objects as so\nso.Plot(x=[1, 2], y=[1, 2]).add(so.Line()).show()", ["plot_1.png"]),
    ("import plotly.express as px\npx.bar(x=[1], y=[2]).show(); px.bar(x=[2], y=[2]).show('browser')", ["plot_1.html", "plot_2.html"]),
    ("import plotly.io as pio\npio.show({'data': [{'type': 'bar', 'y': [1]}]})", ["plot_1.html"]),
    ("from pylab import *\nplot([1]); show()", ["plot_1.png"]),
    ("from matplotlib import animation as a\nf, ax = plt.subplots(); line, = ax.plot([0, 1])\n"
     "a.FuncAnimation(f, lambda n: line.set_data([0, n], [0, 1]), 2).save('own.gif', writer='pillow')", ["own.gif"]),
])  # fmt: skip
def test_figures_that_are_not_saved_become_files_of_the_start_directory(plots, code, files):
    done = plots(BEGIN + code)
    assert (done.ended.returncode, done.ended.stdout, done.ended.stderr, done.files) == (0, "", "", files)


def test_a_figure_has_the_size_it_was_given(plots):
    assert plots(BEGIN + "plt.figure(figsize=(4, 3), dpi=50); plt.plot([1]); plt.show()").size("plot_1.png") == (200, 150)


def test_figures_of_a_program_that_fails_are_saved(plots):
    done = plots(BEGIN + "plt.plot([1])\nplt.savefig('/no/such/folder.png')")
    assert (done.ended.returncode, done.files) == (1, ["plot_1.png"])
    assert done.ended.stderr.startswith("Traceback") and ".sbx" not in done.ended.stderr


def test_libraries_that_an_interpreter_has_imported_ahead_are_taught(plots):
    ahead = ("import runpy, sys, matplotlib.pyplot, plotly.io._renderers\nsys.argv = ['', '.entry/main.py']\n"
             "runpy.run_path('/.sbx/python/librechat.py', run_name='__main__')")
    done = plots("import matplotlib\nmatplotlib.use('TkAgg')\n" + BEGIN + "plt.plot([1]); plt.show()\n"
                 "import plotly.express as px\npx.bar(y=[1]).show(); plt.plot([2])", ["python3", "-c", ahead])
    assert (done.ended.returncode, done.ended.stderr) == (0, "")
    assert done.files == ["plot_1.html", "plot_1.png", "plot_2.png"]


def test_a_python_of_another_program_has_plots_too(plots):
    code = BEGIN + "plt.plot([1]); plt.show()\nprint([name for name in sys.path + list(sys.modules) if name.endswith(('/plots', 'figures'))])"
    done = plots(code, ["bash", "-c", "python3 .entry/main.py"], PYTHONPATH=f"/.sbx/python/plots:{PLACE}")
    assert (done.ended.stdout, done.ended.stderr, done.files) == ("[]\n", "", ["plot_1.png"])


def test_nothing_is_loaded_for_a_program_without_plots(plots):
    names = ("json", "logging", "matplotlib", "warnings.catch_warnings")
    done = plots(f"import sys\nprint([name for name in {names} if name in sys.modules])")
    assert (done.ended.stdout, done.files) == ("[]\n", [])


def test_the_first_plot_does_not_wait_for_fonts(plots):
    done = plots("import time\nbegin = time.monotonic()\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.show()\n"
                 "print(time.monotonic() - begin)\nimport docx, lxml, openpyxl, pypdf, reportlab, sklearn, scipy, sympy")
    assert float(done.ended.stdout) < 10 and done.files == ["plot_1.png"] and done.ended.stderr == ""


# -- JavaScript, TypeScript, R ----------------------------------------------------------------------------------------

def run_file(folder, image, name, text, *command, **environment):
    """@return how it ended, and what is in the folder afterwards"""
    (folder / name).write_text(text)
    (folder / "lib.js").write_text("exports.six = 6;")
    (folder / "esm.mjs").write_text("export const seven = 7;")
    ended = run_in_image(image, folder, *command, f"{PLACE}/{name}", "-a", "b c", **environment)
    return ended, sorted({path.name for path in folder.iterdir()} - {"lib.js", "esm.mjs", name})


@pytest.fixture
def script(tmp_path):
    node = ["node", "--require", "/.sbx/javascript/librechat.cjs"]
    return lambda text, name=".sbx_x.js": run_file(tmp_path, "typescript" if name.endswith("ts") else "librechat", name, text, *node)


ARGUMENTS = "process.argv.slice(2)"
SHOWN = f"[ '-a', 'b c' ] {PLACE}\n"


@pytest.mark.parametrize("text, out", [
    (f"console.log({ARGUMENTS}, __dirname)", SHOWN),
    ("#!/usr/bin/env node\nconst { six } = require('./lib'); console.log(six, require.main === module)", "6 true\n"),
    (f"import fs from 'fs'\nconsole.log({ARGUMENTS}, __dirname)", SHOWN),
    ("import fs from 'fs'; const { six } = require('./lib'); console.log(six, typeof fs.rmSync)", "6 function\n"),
    ("const { six } = require('./lib'); const { seven } = await import('./esm.mjs'); console.log(six, seven)", "6 7\n"),
    ("import { seven } from './esm.mjs'\nif (require.main === module) console.log(seven, __filename.length)", "7 19\n"),
    ("for await (const n of [1]) console.log(n)", "1\n"),
    ("export const x = 1; console.log(x, require('path').sep)", "1 /\n"),
    ("console.log(import.meta.url.startsWith('file://'), __dirname)", f"true {PLACE}\n"),
    ("import { createRequire } from 'module'; const require = createRequire(import.meta.url); console.log(require('./lib').six)", "6\n"),
    ("const __dirname = 'own'; console.log(__dirname, await 1)", "own 1\n"),
    ("console.log(Object.keys(globalThis).includes('require'), await 1)", "false 1\n"),
    ("#!/usr/bin/env node\nasync function f() { return [await 1] }\nconsole.log(...(await f()), __dirname)", f"1 {PLACE}\n"),
    ("import { Worker } from 'worker_threads'; new Worker('console.log(typeof require, __dirname)', { eval: true })", "function .\n"),
    ("import { fork } from 'child_process'\nif (process.argv[2] === 'child') console.log(__dirname); else fork('./esm.mjs'), fork(__filename, ['child'])",
     f"{PLACE}\n"),
    ("", ""),
])  # fmt: skip
def test_javascript_may_mix_what_it_likes(script, text, out):
    ended, files = script(text)
    assert (ended.returncode, ended.stdout, ended.stderr, files) == (0, out, "", [])


@pytest.mark.parametrize("text, code, said", [
    ("const x = ;", 1, "SyntaxError: Unexpected token ';'"),
    ("import fs from 'fs'\nconst x = ;", 1, "SyntaxError: Unexpected token ';'"),
    ("throw new Error('no')", 1, f"Error: no\n    at Object.<anonymous> ({PLACE}/.sbx_x.js:1:7)"),
    ("import fs from 'fs'\n\nthrow new Error('no')", 1, f"Error: no\n    at file://{PLACE}/.sbx_x.mjs:3:7"),
    ("import x from 'nowhere'", 1, "Error [ERR_MODULE_NOT_FOUND]"),
    ("import fs from 'fs'; console.error('last'); process.exit(5)", 5, "last"),
])
def test_what_fails_in_javascript_is_told_once(script, text, code, said):
    ended, files = script(text)
    assert (ended.returncode, ended.stdout, files) == (code, "", [])
    assert ended.stderr.count(said) == 1 and "outside a module" not in ended.stderr and "librechat" not in ended.stderr


@pytest.mark.parametrize("text, code, out, said", [
    (f"import * as fs from 'fs'; import {{ rmSync, PathLike }} from 'fs'\nconst p: PathLike = __dirname; enum E {{ A = 2 }}\n"
     f"console.log({ARGUMENTS}, p); fs.statSync(p); class C {{ constructor(private n: E) {{}} }}", 0, SHOWN, ""),
    ("const n: number = await 'not checked'; console.log(n, require('./lib').six)", 0, "not checked 6\n", ""),
    ("interface A { a: 1 }\n\nfunction f(a: A): never {\n  throw new Error('no')\n}\nf({ a: 1 })", 1, "", "/.sbx_x.ts:4:9)"),
    ("type A = 1\n\nawait 1\nthrow new Error('no')", 1, "", "/.sbx_x.ts:4:7)"),
    ("const n: = 1", 1, "", ".sbx_x.ts(1,10): error TS1110: Type expected."),
])
def test_typescript_loses_its_types_and_is_javascript(script, text, code, out, said):
    ended, files = script(text, ".sbx_x.ts")
    assert (ended.returncode, ended.stdout, files) == (code, out, [])
    assert said in ended.stderr and bool(said) == bool(ended.stderr)


@pytest.mark.parametrize("code, files", [
    ("plot(1:3)", ["plot_1.png"]),
    ("invisible(file.create('plot_1.png')); plot(1); plot(2); setwd('/tmp'); hist(c(1, 2, 2))", [f"plot_{n}.png" for n in (1, 2, 3, 4)]),
    ("par(mfrow = c(1, 2)); plot(1); plot(2)", ["plot_1.png"]),
    ("pdf('own.pdf'); plot(1); invisible(dev.off())", ["own.pdf"]),
    ("dev.new(width = 4, height = 3); plot(1); invisible(dev.off()); plot(2)", ["plot_1.png", "plot_2.png"]),
    ("stopifnot(identical(ls(all.names = TRUE), character()), identical(commandArgs(TRUE), c('-a', 'b c')))", []),
    ("library(grid); grid.newpage(); grid.rect()", ["plot_1.png"]),
])
def test_plots_of_r_become_files(tmp_path, code, files):
    profile = {"R_PROFILE_USER": "/.sbx/librechat.R"}
    ended, found = run_file(tmp_path, "r", ".main.R", code, "Rscript", **profile)
    assert (ended.returncode, ended.stdout, ended.stderr, found) == (0, "", "", files)
    ended, found = run_file(tmp_path, "r", ".main.R", f"unlink('*.p??')\n{code}\nstop('no')", "Rscript", **profile)
    assert (ended.returncode, ended.stdout, found) == (1, "", files) and ended.stderr.startswith("Error: no")
