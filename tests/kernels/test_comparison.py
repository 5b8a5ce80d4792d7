"""The same cells in our kernel, with either shell, and in Jupyter's own: same text, forms, errors and output."""

import json
import subprocess
from pathlib import Path

import pytest

from comparison_cells import CELLS
from kernel import RUNNERS

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def jupyter(peer, tmp_path_factory):
    """What Jupyter's kernel gave, cell by cell."""
    cells = [{"code": cell, "interrupt": cell.startswith("# interrupt")} for cell in CELLS]
    directory = tmp_path_factory.mktemp("jupyter")
    done = subprocess.run([peer, HERE / "jupyter.py"], input=json.dumps(cells).encode(), cwd=directory,
                          stdout=subprocess.PIPE, timeout=300, check=True)  # fmt: skip
    return json.loads(done.stdout)


def ours(kernel, cell):
    """The same of one of our kernels."""
    request = kernel.send("execute", code=cell)
    if cell.startswith("# interrupt"):
        import time

        time.sleep(0.5)
        kernel.interrupt()
    answer = kernel.answer(request)
    return {
        "status": "ok" if answer.status == "ok" else "error",
        "error": (answer.error or {}).get("name"),
        "result": answer.result,
        "displays": answer.displays,
        "updates": [message["data"] for message in answer.of("display_update")],
        "out": answer.out,
        "err": answer.err,
    }


def seen(cell, given):
    """What has to be the same."""
    bundles = [given["result"], *given["displays"], *given["updates"]]
    forms = [sorted(bundle) if bundle is not None else None for bundle in bundles]
    texts = [bundle.get("text/plain") if bundle is not None else None for bundle in bundles]
    if cell.startswith("# plotly"):  # which forms Jupyter shows depends on what else is installed there
        return given["status"], any("application/vnd.plotly.v1+json" in (bundle or ()) for bundle in bundles)
    if cell.startswith(("# forms only", "%%")):
        texts = []
    out = given["out"].replace("\r\n", "\n")
    if cell.startswith(("%time", "%%writefile")):
        out = out[:10]
    return {"status": given["status"], "error": given["error"], "forms": forms, "texts": texts, "out": out}


def test_there_are_enough_cells():
    assert len(CELLS) >= 60


@pytest.mark.parametrize("shell", ["own", "ipython"])
def test_cells_give_what_jupyter_gives(shell, jupyter, peer, started):
    kernel = started([peer, RUNNERS / "kernel.py"], SBX_KERNEL_IPYTHON="0" if shell == "own" else "1")
    wrong = []
    for cell, theirs in zip(CELLS, jupyter, strict=True):
        mine, peers = seen(cell, ours(kernel, cell)), seen(cell, theirs)
        if mine != peers:
            wrong.append(f"--- cell\n{cell}\n--- ours\n{mine}\n--- Jupyter's\n{peers}")
    assert not wrong, "\n\n".join(wrong)
