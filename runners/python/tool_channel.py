"""The way of a program's calls to the tools of its client: JSON lines to the daemon on descriptor 3, and from it on stdin.

to it:    {"id": "call_001", "name": "get-weather", "input": {...}}
from it:  {"call_id": "call_001", "result": any, "is_error": bool, "error_message": text}

`python_name` and `bash_name` say what a tool is called in a program.
"""

import fcntl
import json
import keyword
import os
import re
import threading

CHANNEL = 3
OUT_OF_THE_WAY = 200  # the program's first file gets the lowest free number
CHUNK = 1 << 16
RESERVED_IN_BASH = frozenset(
    "if then else elif fi case esac for while until do done in function select time coproc declare typeset local"
    " readonly export unset".split()
)
GONE = {"is_error": True, "error_message": "nobody answers calls any more"}
UNREADABLE = {"is_error": True, "error_message": "the result cannot be read"}


# -- Names ------------------------------------------------------------------------------------------------------------

def python_name(name):
    """@return the identifier of a tool; empty where nothing of its name is left"""
    made = word(re.sub(r"[-\s]", "_", name, flags=re.ASCII))
    return made + "_tool" if keyword.iskeyword(made) else made


def bash_name(name):
    """@return the shell function of a tool; empty where nothing of its name is left"""
    made = word(re.sub(r"[-.\s]", "_", name, flags=re.ASCII))
    return made + "_tool" if made in RESERVED_IN_BASH else made


def word(text):
    kept = re.sub(r"[^A-Za-z0-9_]", "", text)
    return "_" + kept if kept[:1].isdigit() else kept


def take_tools(place):
    """@return the tools that the file lists; it is gone afterwards"""
    with open(place, "rb") as file:
        tools = json.loads(file.read())
    os.remove(place)
    return tools


# -- The channel ------------------------------------------------------------------------------------------------------

class Channel:
    """Both ways of it. The program finds an empty stdin and no descriptor 3, and its children none of this."""

    def __init__(self):
        self.out = moved(CHANNEL)
        self.back = moved(0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        if nothing:
            os.dup2(nothing, 0)
            os.close(nothing)
        os.set_inheritable(0, True)
        self.lock = threading.Lock()
        self.count = 0
        self.waiting = {}  # what takes the answer, by the call's id
        self.reader = None

    def send(self, name, arguments, take):
        """
        @param take  called with the answer, in a thread of the channel's
        @return the call's id
        @error  what JSON cannot say raises TypeError or ValueError, and nothing was sent
        """
        sent = json.dumps(arguments, ensure_ascii=False, allow_nan=False)
        with self.lock:
            if self.reader is None:
                self.reader = threading.Thread(target=self.read, name="tools", daemon=True)
                self.reader.start()
            self.count += 1
            call = f"call_{self.count:03d}"
            self.waiting[call] = take
            head = json.dumps({"id": call, "name": name}, ensure_ascii=False)[:-1]
            write_whole(self.out, f'{head}, "input": {sent}}}\n'.encode("utf-8", "replace"))
        return call

    def forget(self, call):
        with self.lock:
            self.waiting.pop(call, None)

    def read(self):
        """By the system's own calls: a buffer's lock that a thread holds would abort an interpreter that ends."""
        pieces = []
        while chunk := self.read_some():
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                self.deliver(b"".join(pieces) + line)
                pieces = []
            pieces.append(rest)
        with self.lock:
            left, self.waiting = self.waiting, Answered()
        for take in left.values():
            take(GONE)

    def read_some(self):
        try:
            return os.read(self.back, CHUNK)
        except OSError:
            return b""  # the program closed it

    def deliver(self, line):
        told = answer_in(line)
        with self.lock:
            take = self.waiting.pop(told.get("call_id"), None)
        if take is not None:
            take(told)


class Answered(dict):
    """What waits once nobody answers any more."""

    def __setitem__(self, call, take):
        take(GONE)


def answer_in(line):
    """What the line says; that it cannot be read, where only the call's id can. Empty where there is no answer in it."""
    try:
        told = json.loads(line)
    except (RecursionError, ValueError):
        call = re.match(rb'\{"call_id": ?"(call_\d+)"', line)
        return {**UNREADABLE, "call_id": call[1].decode()} if call else {}
    return told if isinstance(told, dict) and isinstance(told.get("call_id"), str) else {}


def failure_of(told):
    """@return the words of a call that failed; None for one that did not"""
    if not told.get("is_error"):
        return None
    said = told.get("error_message") or told.get("result")
    return said if isinstance(said, str) else "the tool failed"


def moved(descriptor):
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY)
    finally:
        os.close(descriptor)


def write_whole(descriptor, text):
    while text:
        text = text[os.write(descriptor, text):]
