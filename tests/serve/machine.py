"""A daemon with a network of its own, at the ports that it takes by itself."""

import os
import subprocess


class Machine:
    """A network of a daemon's own: ports that are taken on this machine are free there."""

    def __init__(self, binary, home, *arguments, **environment):
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home), **environment}
        self.log = home / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", binary, "serve", *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment)

    def ask(self, url, *flags):
        """[status, body]; None where nobody answers."""
        done = subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", "curl", "-s", "-w", "\n%{http_code}",
                               *flags, url], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            return None
        body, _, status = done.stdout.rpartition("\n")
        return [int(status), body]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        assert self.process.wait(30) == 0, self.log.read_text()
