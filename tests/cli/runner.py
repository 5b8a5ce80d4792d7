"""Runs the binary under test through pipes."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass

# Every field of the result record (DESIGN, "Results and errors").
RECORD_FIELDS = {
    "execution_id", "exit_code", "signal", "origin", "phase", "reason", "stdout", "stderr", "truncated", "wall_ms",
    "cpu_ms", "peak_rss_bytes", "start_time", "end_time", "path", "results", "files", "isolation", "image",
    "image_digest", "network", "reused",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What one call of sbx gave back."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def out(self):
        return self.stdout.decode()

    @property
    def err(self):
        return self.stderr.decode()

    @property
    def json(self):
        """The one JSON value on stdout, which ends with exactly one newline."""
        assert self.stdout.endswith(b"\n") and not self.stdout.endswith(b"\n\n"), self
        return json.loads(self.stdout)

    @property
    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def words(self):
        """The lines that sbx itself says: what happened, and the next step."""
        return [line for line in self.err.splitlines() if line.startswith("sbx: ") or line.lstrip().startswith("→ ")]


class Sbx:
    """The binary under test, with a home of its own and a label on every sandbox (none: without one).

    The cache directory is the user's, so that what was verified once on this engine isn't verified again.
    """

    def __init__(self, binary, home, label):
        self.binary = binary
        self.label = ("--label", f"test={label}") if label else ()
        self.state = home / "state"
        cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        self.base = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "XDG_CACHE_HOME": cache,
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(self.state),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        if "DOCKER_HOST" in os.environ:
            self.base["DOCKER_HOST"] = os.environ["DOCKER_HOST"]

    def command(self, *args):
        if args and args[0] == "run":
            args = ("run", *self.label, *args[1:])
        return [os.fsencode(self.binary), *(os.fsencode(arg) for arg in args)]

    def environment(self, changes=None):
        """Ours with `changes`; a value of None takes a variable away."""
        merged = {**self.base, **(changes or {})}
        return {key: os.fspath(value) for key, value in merged.items() if value is not None}

    def __call__(self, *args, stdin=b"", timeout=60, cwd=None, env=None):
        begin = time.monotonic()
        done = subprocess.run(
            self.command(*args), input=stdin, capture_output=True, timeout=timeout, cwd=cwd, env=self.environment(env)
        )
        return Outcome(done.returncode, done.stdout, done.stderr, time.monotonic() - begin)

    def shell(self, line, timeout=60, cwd=None, env=None):
        """Runs a line of bash in which `sbx run` is that of the binary under test."""
        function = f'sbx() {{ "{self.binary}" "$1" {" ".join(self.label)} "${{@:2}}"; }}; '
        begin = time.monotonic()
        shell = subprocess.Popen(
            ["bash", "-c", function + line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=cwd, env=self.environment(env), start_new_session=True,
        )  # fmt: skip
        try:
            stdout, stderr = shell.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.communicate()
            raise
        return Outcome(shell.returncode, stdout, stderr, time.monotonic() - begin)

    def start(self, *args, env=None, **options):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.command(*args), env=self.environment(env), **{**pipes, **options})


def eventually(condition, seconds):
    """The first true value of `condition()`, or its last false one after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def peak_memory(pid):
    """The peak resident size of a living process in bytes, 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM")), 0)
    except FileNotFoundError:
        return 0
