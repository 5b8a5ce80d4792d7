"""The image python-data, as a template: programs with its libraries, and cells in the shell of its IPython."""

from test_repl import PATIENCE, Session

IMAGE = "sbx/python-data:4"
PLOT = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('/work/plot.png')"
PNG, HTML, TEXT, LATEX = "image/png", "text/html", "text/plain", "text/latex"
PLOTLY = "application/vnd.plotly.v1+json"
# A notebook, and the forms of what each of its cells shows.
CELLS = [
    ("get_ipython()", [{TEXT}]),
    ("import pandas as pd\ntable = pd.DataFrame({'a': [1, 2], 'b': [3.5, 4]})\ntable", [{TEXT, HTML}]),
    ("table.style.highlight_max()", [{TEXT, HTML}]),
    ("table.to_excel('t.xlsx', index=False)\nassert pd.read_excel('t.xlsx').equals(table)", []),
    ("import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\nplt.plot([2, 1]);", [{TEXT, PNG}] * 2),
    ("import seaborn as sns\nsns.lineplot(table, x='a', y='b');", [{TEXT, PNG}]),
    ("1", [{TEXT}]),  # nothing is left of the figures before
    ("import plotly.express as px\nf = px.bar(table, x='a', y='b')\nf.show()\nf", [{PLOTLY, HTML, TEXT}] * 2),
    ("from PIL import Image\nImage.new('RGB', (2, 2))", [{TEXT, PNG}]),
    ("import sympy\nsympy.Integral(sympy.sqrt(1 / sympy.Symbol('x')))", [{TEXT, LATEX}]),
    (
        "from IPython.display import JSON, Latex, Markdown\ndisplay(Markdown('*a*'), Latex('$a$'), JSON({'a': 1}))",
        [{TEXT, "text/markdown"}, {TEXT, LATEX}, {TEXT, "application/json"}],
    ),
    (
        "from scipy import stats\nfrom sklearn.linear_model import LinearRegression\n"
        "fit = LinearRegression().fit(table[['a']], table['b'])\n"
        "assert abs(fit.coef_[0] - stats.linregress(table['a'], table['b']).slope) < 1e-9\nfit",
        [{TEXT, HTML}],
    ),
    ("import requests", []),
]


def test_a_run_gets_the_image_and_its_results_are_its_own_files_alone(sbx):
    done = sbx("run", "--json", "--template", "python-data", "-c", PLOT)
    assert (done.code, done.json["stderr"], done.json["image"]) == (0, "", IMAGE), done
    assert [file["path"] for file in done.json["files"]] == ["plot.png"]


def test_the_name_is_an_image_wherever_one_is_named(sbx):
    for flags, env in ((["--image", "python-data"], {}), ([], {"SBX_IMAGE": "python-data"})):
        done = sbx("run", "--json", *flags, "--lang", "bash", "-c", "command -v ipython3", env=env)
        assert (done.json["image"], done.json["stdout"]) == (IMAGE, "/usr/bin/ipython3\n"), done


def test_a_run_takes_what_was_warmed_with_it(kept):
    assert kept("pool", "warm", "--template", "python-data").code == 0
    assert kept("run", "--json", "-c", "1").json["path"] == "cold"
    done = kept("run", "--json", "--template", "python-data", "-c", "import numpy; print(numpy.arange(4).sum())")
    assert (done.json["path"], done.json["stdout"], done.json["image"]) == ("standby", "6\n", IMAGE), done


def test_cells_show_their_own_results_in_their_forms(kept):
    kept.make("--template", "python-data", "--name", "d")
    for code, forms in CELLS:
        done = kept("eval", "--json", "d", "-c", code, timeout=60)
        assert (done.code, done.json["stderr"]) == (0, ""), done
        assert [set(result["data"]) for result in done.json["results"]] == forms, done


def test_a_plot_of_a_cell_is_an_artifact(kept, tmp_path):
    kept.make("--template", "python-data", "--name", "p")
    code = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
    done = kept("eval", "--artifacts", tmp_path / "new", "p", "-c", code, timeout=60)
    assert (done.code, done.err) == (0, ""), done
    assert (tmp_path / "new" / "1.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_a_session_in_ipythons_shell_takes_input_and_draws_plots(kept):
    terminal = Session(kept, "--template", "python-data")
    try:
        terminal.send(b"x = input('x? ')\r")
        terminal.expect(rb"\nx\? $", PATIENCE)
        terminal.type("typed")
        terminal.type("x, get_ipython() is None", rb"\('typed', False\)")
        terminal.send(b"import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()\r")
        terminal.expect(rb"\x1b\[c", PATIENCE)
        terminal.send(b"\x1b[?62;4;22c")
        terminal.expect(rb'\x1bPq"1;1;\d+;\d+#0;2;100;100;100#1;[^\x1b]+\x1b\\', PATIENCE)
        terminal.expect(rb">>> $", PATIENCE)
    finally:
        terminal.close()
