"""Runs a program of bash that calls the tools of its client, and ends as it does.

usage: programmatic_bash.py FILE TOOLS 3>REQUESTS <RESULTS
FILE   the program
TOOLS  JSON list of {"name", ...}; removed before the program starts

Each tool is a function of the shell, which has runners/programmatic.sh put its one argument into a private directory and
wait there: so every subshell, job and child may call. What goes over the two channels is in tool_channel.py.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import librechat
import tool_channel

CALLER = os.path.join(os.path.dirname(librechat.HERE), "programmatic.sh")
MOST_DIGITS = 10


def main(file, place):
    tools = tool_channel.take_tools(place)
    channel = tool_channel.Channel()
    librechat.set_variables(os.getcwd())
    directory = tempfile.mkdtemp(prefix=".sbx_", dir="/tmp")
    os.mkfifo(os.path.join(directory, "requests"), 0o600)
    counter = Counter(channel, tools, directory)
    threading.Thread(target=counter.serve, daemon=True).start()
    functions = os.path.join(directory, "functions")
    with open(functions, "w", encoding="ascii") as into:
        into.write(shell_functions(tools, directory))
    ended = subprocess.call(["bash", file], env={**os.environ, "BASH_ENV": functions})
    shutil.rmtree(directory, ignore_errors=True)
    end(ended)


def shell_functions(tools, directory):
    """What bash reads first. Of what the client says only letters, digits and underscores are in it."""
    names = {tool_channel.bash_name(tool["name"]): number for number, tool in enumerate(tools)}
    names.pop("", None)
    lines = [f"{name}() {{ /bin/bash -p '{CALLER}' '{directory}' {number} <<< \"${{1-}}\"; }}\nexport -f {name}"
             for name, number in names.items()]
    return "\n".join(["unset BASH_ENV", *lines, ""])


def end(code):
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


class Counter:
    """Takes the calls that the shell's functions leave in the directory."""

    def __init__(self, channel, tools, directory):
        self.channel = channel
        self.names = [tool["name"] for tool in tools]
        self.directory = directory
        # Both ends, so that it has no end while nobody calls.
        self.requests = os.open(os.path.join(directory, "requests"), os.O_RDWR | os.O_CLOEXEC)

    def serve(self):
        with os.fdopen(self.requests, "rb") as lines:
            for line in lines:
                words = line.split()
                if len(words) == 2 and all(word.isdigit() and len(word) <= MOST_DIGITS for word in words):
                    self.take(int(words[0]), int(words[1]))

    def take(self, number, process):
        try:
            with open(self.place("input", process), "rb") as file:
                text = file.read().strip() or b"{}"
            given = json.loads(text)
            if not isinstance(given, dict):
                raise ValueError
            self.channel.send(self.names[number], given, lambda told: self.answer(process, told))
        except (IndexError, OSError):
            pass  # not a call of our own functions, or one that was killed
        except (ValueError, RecursionError):
            self.answer(process, {"is_error": True, "error_message": "the argument is not a JSON object"})

    def answer(self, process, told):
        failure = tool_channel.failure_of(told)
        said = failure if failure is not None else compact(told.get("result"))
        try:
            with open(self.place("result", process), "wb") as file:
                file.write(said.encode("utf-8", "replace") + b"\n")
            waiting = os.open(self.place("answer", process), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            os.write(waiting, b"0\n" if failure is None else b"1\n")
            os.close(waiting)
        except OSError:
            pass  # the caller was killed

    def place(self, what, process):
        return os.path.join(self.directory, f"{what}.{process}")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
