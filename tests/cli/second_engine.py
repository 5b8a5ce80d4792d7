"""A second Docker engine, for what must not be done to the first: being empty, being stopped."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

from engine_api import EngineApi
from runner import eventually

# Own namespaces: the network's, or it would take the first engine's bridge away; the mounts', so that its state in
# /run is its own; the processes', so that nothing of it outlives it.
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
SCRIPT = """
mount -t tmpfs tmpfs /run
exec dockerd --data-root "$1/data" --exec-root /run/docker --pidfile /run/docker.pid -H "unix://$1/docker.sock" \
    --bridge=none --iptables=false --ip6tables=false --cgroup-parent="/$2"
"""


class SecondEngine:
    """Starts empty; `with SecondEngine() as engine:` ends and removes it."""

    image = "sbx-tests/arguments:1"
    run = ["run", "--image", image, "--pull", "never"]

    def __init__(self):
        # The storage driver needs a real file system below it, which /tmp is not everywhere.
        self._folder = Path(tempfile.mkdtemp(prefix="sbx-engine-", dir="/var/tmp"))
        self._cgroup = self._folder.name
        # A cache of its own too: what sbx keeps there about an engine is of no use once that engine is gone.
        self.env = {"DOCKER_HOST": f"unix://{self._folder}/docker.sock", "XDG_CACHE_HOME": f"{self._folder}/cache"}
        self.api = EngineApi(f"{self._folder}/docker.sock")
        self._log = open(self._folder / "log", "wb")
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [*UNSHARE, "sh", "-c", SCRIPT, "sh", str(self._folder), self._cgroup],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        assert eventually(self.api.is_up, 60), (self._folder / "log").read_text()

    def daemon(self):
        """The pid of the daemon itself, the only child of unshare."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    def stop(self, number=signal.SIGKILL):
        """Ends the daemon by a signal."""
        os.kill(self.daemon(), number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._log.close()
        # Its containers die with their process namespace, but asynchronously.
        eventually(self._remove_cgroups, 10)
        eventually(lambda: subprocess.run(["rm", "-rf", self._folder], stderr=subprocess.DEVNULL).returncode == 0, 10)

    def _remove_cgroups(self):
        left = [*Path("/sys/fs/cgroup").glob(self._cgroup), *Path("/sys/fs/cgroup").glob(f"*/{self._cgroup}")]
        for root in left:
            subprocess.run(
                ["find", root, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"], stderr=subprocess.DEVNULL
            )
        return not any(root.exists() for root in left)
