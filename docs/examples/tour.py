"""A look around from inside a sandbox: what a program can do there, and what it cannot."""

import json
import os
import pathlib
import platform
import socket
import sqlite3


def attempt(action):
    """Returns what an action gave, or how it was refused."""
    try:
        return action()
    except OSError as error:
        return f"refused: {error.strerror}"


def squares():
    database = sqlite3.connect("/work/numbers.db")
    with database:
        database.execute("create table if not exists numbers (n integer)")
        database.executemany("insert into numbers values (?)", [(n,) for n in range(1, 11)])
    (total,) = database.execute("select sum(n * n) from numbers").fetchone()
    return total


def connect():
    socket.create_connection(("192.0.2.1", 80), timeout=1).close()
    return "connected"


print(f"Python {platform.python_version()} as uid {os.getuid()} in {os.getcwd()}")
tour = {
    "sum of squares 1..10, by SQLite in /work": squares(),
    "write to /etc/passwd": attempt(lambda: pathlib.Path("/etc/passwd").write_text("")),
    "connect to another machine": attempt(connect),
    "become root": attempt(lambda: os.setuid(0)),
    "processes visible": sum(name.isdigit() for name in os.listdir("/proc")),
}
print(json.dumps(tour, indent=2))
