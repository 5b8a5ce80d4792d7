"""Plays the agent without an engine: runs programs with a plain interpreter, and with one that was started before."""

import atexit
import functools
import os
import random
import shutil
import signal
import socket
import string
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, Optional

HOOK = Path(__file__).resolve().parents[2] / "runners" / "python" / "sitecustomize.py"
PROGRAMS = Path(__file__).resolve().parent / "programs"
NODE_PROGRAM_FILES = Path(__file__).resolve().parent / "node_programs"
PLACEHOLDER = "/.sbx/standby/"
PLACEHOLDER_LENGTH = 4095
TIMEOUT = 60
SOCKET = 60


class Outcome(NamedTuple):
    stdout: bytes
    stderr: bytes
    status: int  # as subprocess has it: minus the signal
    served: Optional[str] = None  # "+": by the waiting interpreter, "-": by a new one


def interpreter():
    return os.environ.get("SBX_STANDBY_PYTHON", "/usr/bin/python3")


def environment(folder, **more):
    path = os.path.dirname(interpreter()) + ":/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(folder), "USER": "sandbox", "LANG": "C.UTF-8", **more}


def keep_descriptor_free():
    """subprocess must not use the number that the child's socket gets."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDONLY)
        if descriptor > SOCKET:
            os.close(descriptor)
            return


def encode_request(cwd, argv, env):
    fields = [os.fsencode(cwd), b"%d" % len(argv), *map(os.fsencode, argv), b"%d" % len(env)]
    fields += [os.fsencode(name) + b"=" + os.fsencode(value) for name, value in env.items()]
    body = b"".join(field + b"\0" for field in fields)
    return b"%d\0%b" % (len(body), body)


def make_hook(code_folder, alter=()):
    """The folder as it is in the agent's volume, with or without byte code."""
    folder = tempfile.mkdtemp(prefix="sbx-hook-")
    os.chmod(folder, 0o755)
    text = HOOK.read_text()
    if alter:
        assert alter[0] in text
        text = text.replace(*alter)
    Path(folder, HOOK.name).write_text(text)
    if code_folder:
        os.symlink(code_folder, folder + "/__pycache__")
    return folder


@functools.lru_cache(maxsize=None)
def own_byte_code():
    """For this interpreter."""
    folder = tempfile.TemporaryDirectory(prefix="sbx-hook-code-")
    atexit.register(folder.cleanup)
    os.chmod(folder.name, 0o755)
    shutil.copy(HOOK, folder.name)
    compiler = [interpreter(), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*compiler, folder.name], check=True)
    return folder.name + "/__pycache__"


class Waiting:
    """One interpreter that waits on its socket."""

    def __init__(self, command, folder, env, hear=True, **process):
        keep_descriptor_free()
        ours, theirs = socket.socketpair()
        self.socket = ours
        self.socket.settimeout(TIMEOUT)
        descriptor = theirs.fileno()
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, pass_fds=[SOCKET], preexec_fn=lambda: os.dup2(descriptor, SOCKET), **process)
        theirs.close()
        self.ready = self.socket.recv(1) if hear else None

    def claim(self, cwd, argv, env):
        """The answer without its end of file."""
        self.send(encode_request(cwd, argv, env))
        return self.answer()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        data = b""
        while True:
            more = self.socket.recv(100)
            if not more:
                return data.decode()
            data += more

    def close(self):
        self.socket.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def placeholder(length):
    return PLACEHOLDER + "".join(random.choices(string.ascii_letters + string.digits, k=length - len(PLACEHOLDER)))


class Standby(Waiting):
    """One Python that waits."""

    def __init__(self, folder, env, uid=None, executable=None, argv0="python3", length=PLACEHOLDER_LENGTH,
                 byte_code=own_byte_code, hear=True, alter=()):
        self.hook = make_hook(byte_code() if byte_code and not alter else None, alter)
        path = self.hook + (":" + env["PYTHONPATH"] if env.get("PYTHONPATH") else "")
        super().__init__([argv0, placeholder(length)], folder, {**env, "PYTHONPATH": path}, hear,
                         executable=executable or interpreter(), user=uid, group=uid, extra_groups=uid and [])

    def close(self):
        super().close()
        shutil.rmtree(self.hook)


def finish(process, program):
    """Does to a process what the program's row says, and waits for its end."""
    first = b""
    if program.signal:
        first = process.stdout.readline()
        time.sleep(0.2)  # it has to be where it waits
        os.kill(process.pid, program.signal)
    try:
        stdout, stderr = process.communicate(program.stdin, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return first + stdout, stderr, process.returncode


class PlainRunner:
    """`python3 ARGUMENTS`, as anybody starts it."""

    name = "plain"

    def run(self, program, folder):
        return run_plain("python3", interpreter(), program, folder)


def run_plain(name, executable, program, folder):
    process = subprocess.Popen(
        [name, *program.arguments], executable=executable, cwd=folder,
        env=environment(folder, **program.environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)
    return Outcome(*finish(process, program))


class StandbyRunner:
    """The same through the hook. What a request adds to the environment was not there at the start."""

    name = "standby"

    def run(self, program, folder):
        with Standby(folder, environment(folder, **program.image_environment)) as standby:
            assert standby.ready == b"+", "this interpreter cannot be claimed"
            served = standby.claim(folder, ["python3", *program.arguments], environment(folder, **program.environment))
            return Outcome(*finish(standby.process, program), served)
