"""Schemathesis, from a sandbox, holds every answer of the API against its own document."""

import os
import pathlib
import subprocess

from registries import settings

INSIDE = pathlib.Path(__file__).parent / "inside" / "schemathesis_run.py"
# Streams that do not end by themselves, what is a program's own to answer, and a form of body that it cannot make.
LEFT_OUT = "^/v1/(client/|events)|/ports/|/attach|/watch|/output|/archive"
# Callers on loopback need no key; what is sound by its type may still be refused (no name of a variable, no ETag); and
# 503 and 504 are honest answers for a sandbox of a hundredth of a processor: they are in the document, as 500 is not.
CHECKS_LEFT_OUT = "ignored_auth,positive_data_acceptance,not_a_server_error"

# The same requests each time, so that what fails once fails again; --full tries others.
SEED = () if os.environ.get("SBX_FULL") else ("--seed", "1")


def test_answers_are_what_the_document_says(daemon, tmp_path):
    own = settings()
    own["SBX_EGRESS_PERMIT"] += ",127.0.0.1"
    done = subprocess.run(
        [daemon.binary, "run", "--direct", "--with", "schemathesis==4.32.5", "--allow", f"127.0.0.1:{daemon.port}",
         "--timeout", "9m", "--pids", "300", "--memory", "1g", "--cpus", "2", str(INSIDE), str(daemon.port),
         "--phases", "examples,coverage,fuzzing", "--max-examples", "15", *SEED, "--request-timeout", "60", "--no-color",
         "--continue-on-failure", "--exclude-path-regex", LEFT_OUT, "--exclude-checks", CHECKS_LEFT_OUT],
        env={**os.environ, **own}, capture_output=True, text=True, timeout=570, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "handler_threw" not in daemon.log.read_text()
