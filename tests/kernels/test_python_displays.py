"""Rich results: figures, tables, images, formulas, updates; each execution has its own."""

import base64

PNG = b"\x89PNG\r\n\x1a\n"


def images(answer):
    return [base64.b64decode(data["image/png"]) for data in answer.displays]


def test_figures_come_at_show_and_at_the_end(plotting):
    answer = plotting.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\nprint('between')\nplt.plot([2, 1]);")
    assert [image[:8] for image in images(answer)] == [PNG, PNG] and answer.out == "between\n"
    answer = plotting.run("plt.get_fignums()")
    assert (answer.text, answer.displays) == ("[]", [])


def test_figures_of_a_cell_that_fails_come_too(plotting):
    answer = plotting.run("import matplotlib.pyplot as plt\nplt.plot([1]); 1 / 0")
    assert answer.status == "error" and len(images(answer)) == 1
    assert plotting.run("1").displays == []


def test_figures_come_whatever_backend_the_code_chose(plotting):
    answer = plotting.run("import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\nplt.plot([1]);")
    assert [image[:8] for image in images(answer)] == [PNG]


def test_plotly_needs_neither_browser_nor_network(plotting):
    answer = plotting.run("import plotly.graph_objects as go\nf = go.Figure(go.Bar(y=[1]))\nf.show()\nf")
    for data in (*answer.displays, answer.result):
        assert data["application/vnd.plotly.v1+json"]["data"][0]["y"] == [1] and "<div" in data["text/html"]
        assert len(data["text/html"]) < 100_000


def test_tables_images_and_formulas(plotting):
    assert set(plotting.run("import pandas as pd\npd.DataFrame({'a': [1]})").result) == {"text/plain", "text/html"}
    assert "image/png" in plotting.run("from PIL import Image\nImage.new('L', (2, 2))").result
    assert plotting.run("import sympy\nsympy.sqrt(8)").result["text/latex"].startswith("$")


def test_updates_name_what_they_replace(python):
    answer = python.run("h = display('a', display_id=True)\nh.update('b')\nupdate_display('c', display_id=h.display_id)"
                        if "own" in python.value("'own' if 'get_ipython' not in globals() else 'ipython'")
                        else "h = display('a', display_id=True)\nh.update('b')\nh.update('c')")  # fmt: skip
    (shown,), updates = answer.of("display"), answer.of("display_update")
    assert [m["data"]["text/plain"] for m in updates] == ["'b'", "'c'"]
    assert {m["display_id"] for m in updates} == {shown["display_id"]}


def test_metadata_come_along(python):
    answer = python.run("class Sized:\n    def _repr_png_(self): return b'p', {'width': 3}\nSized()")
    (result,) = answer.of("result")
    assert result["data"]["image/png"] == "cA==" and result["metadata"] == {"image/png": {"width": 3}}


def test_displays_are_in_order_with_what_is_printed(python):
    code = "import sys\nfor i in range(50):\n    print(i, end=' ')\n    display(i)"
    answer = python.run(code)
    assert answer.out.split() == [str(i) for i in range(50)]
    assert [data["text/plain"] for data in answer.displays] == [str(i) for i in range(50)]


def test_numbers_that_json_has_not(python):
    answer = python.run("display({'application/json': {'a': float('nan'), 'b': [float('inf'), 1]}}, raw=True)")
    assert answer.displays == [{"application/json": {"a": None, "b": [None, 1]}}]


def test_clearing_is_told(own):
    assert own.run("clear_output(wait=True)").of("clear")[0]["wait"] is True
