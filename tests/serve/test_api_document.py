"""docs/api.md: its lines run as they stand there, and no route is missing."""

import json
import os
import pathlib
import re
import shlex
import subprocess

from daemon import eventually

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "api.md"


def lines():
    blocks = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.S | re.M)
    return [line for block in blocks for line in block.splitlines()]


def answered(daemon, since):
    """Method and pattern of what was answered well, from the log, whose beginning is not looked at."""
    requests = [json.loads(line) for line in daemon.log.read_text()[since:].splitlines() if '"event":"request"' in line]
    return {(each["method"], each["route"].replace("...}", "}")) for each in requests if each["status"] < 400}


def test_every_line_works_and_every_route_has_one(own_daemon, tmp_path):
    script = "set -u -o pipefail\n"
    for line in lines():
        script += f"{line}\n[ $? = 0 ] || {{ echo; echo {shlex.quote('FAILED ' + line)}; exit 1; }}\n"
    (tmp_path / "api.sh").write_text(script)
    declared = {(method.upper(), path) for path, methods in own_daemon.get("/openapi.json").json["paths"].items()
                for method in methods}
    logged = len(own_daemon.log.read_text())
    ran = subprocess.run(["bash", "api.sh"], cwd=tmp_path, capture_output=True, timeout=120, check=False,
                         env={"PATH": os.environ["PATH"], "API": f"http://127.0.0.1:{own_daemon.port}",
                              "SOCKET": own_daemon.socket})
    assert ran.returncode == 0, (ran.stdout[-800:], ran.stderr[-400:])
    assert eventually(lambda: declared <= answered(own_daemon, logged)), declared - answered(own_daemon, logged)
