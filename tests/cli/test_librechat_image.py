"""The image librechat: its languages, its libraries, and a work directory of another name."""

import pytest

FIGURE = "import os, matplotlib.pyplot as plt; plt.plot([1]); plt.title('中文'); plt.savefig('p.png'); print(os.getcwd(), plt.get_backend())"


def test_results_come_from_its_work_directory(sbx):
    done = sbx("run", "--json", "--template", "librechat", "-c", FIGURE)
    assert (done.code, done.json["stderr"], done.json["stdout"]) == (0, "", "/mnt/data agg\n"), done
    assert [file["path"] for file in done.json["files"]] == ["p.png"]


def test_files_go_there_too(sbx, tmp_path):
    (tmp_path / "data.csv").write_text("1,2\n")
    done = sbx("run", "--template", "librechat", "--file", tmp_path / "data.csv", "-c", "print(open('/mnt/data/data.csv').read())")
    assert (done.code, done.out) == (0, "1,2\n\n"), done


@pytest.mark.parametrize("language, code, out", [
    ("bash", "pwd; ls -d /work; jq -n 1; for c in curl file unzip gawk node python3; do command -v $c; done | wc -l", "/mnt/data\n/work\n1\n6\n"),
    ("javascript", "console.log(process.cwd(), parseInt(process.versions.node) >= 18)", "/mnt/data true\n"),
    ("python", "import docx, lxml, numpy, openpyxl, pandas, plotly, pypdf, reportlab, scipy, seaborn, sklearn, sympy; print(1)", "1\n"),
])  # fmt: skip
def test_it_has_three_languages(sbx, language, code, out):
    done = sbx("run", "--image", "librechat", "--lang", language, "-c", code)
    assert (done.code, done.out, done.err) == (0, out, ""), done


def test_an_interpreter_waits_in_it(kept):
    assert kept("pool", "warm", "--template", "librechat").code == 0
    done = kept("run", "--json", "--template", "librechat", "-c", "import os; print(os.getcwd())")
    assert (done.json["path"], done.json["stdout"]) == ("standby", "/mnt/data\n"), done
