"""A daemon for the commands of one home: with SBX_TEST_OVER=daemon the whole suite's sandboxes are a daemon's."""

import os
import signal
import subprocess
from contextlib import contextmanager

from runner import eventually


def is_over_daemon():
    return os.environ.get("SBX_TEST_OVER") == "daemon"


@contextmanager
def own_daemon(sbx, home):
    """Where asked for, a daemon with a state of its own, which SBX_HOST of `sbx` names."""
    if not is_over_daemon():
        yield
        return
    socket = home / "daemon.sock"
    environment = sbx.environment({"XDG_STATE_HOME": home / "daemon-state"})
    command = [sbx.binary, "serve", "--quiet", "--remove-on-stop", "--listen", f"unix:{socket}"]
    log = open(home / "daemon.log", "wb")
    daemon = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    sbx.base["SBX_HOST"] = f"unix:{socket}"
    try:
        assert eventually(socket.exists, 10), (home / "daemon.log").read_text()
        yield
        assert daemon.poll() is None, (home / "daemon.log").read_text()
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
        log.close()
