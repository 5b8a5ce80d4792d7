"""The daemon under a service manager, which is played here: readiness, watchdog, sockets that are handed over."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daemon import Answer, Daemon, UnixConnection, eventually

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"

# As systemd does it: sockets from descriptor 3 on, LISTEN_PID is the process itself.
HANDING_OVER = """
import os, sys
descriptors = [int(word) for word in sys.argv[1].split(",") if word]
for target, descriptor in enumerate(descriptors, 3):
    os.dup2(descriptor, target)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


class Manager:
    """What listens at NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.told = []

    def hear(self, seconds=0.0):
        self.socket.settimeout(max(seconds, 0.001))
        try:
            while True:
                self.told.append(self.socket.recv(4096).decode())
        except TimeoutError:
            return self.told

    def heard(self, text):
        return eventually(lambda: [each for each in self.hear(0.05) if each.splitlines()[0] == text], 15)


class Managed(Daemon):
    """One whose port is not chosen by it."""

    def start(self, descriptors=(), count=None):
        words = [sys.executable, "-c", HANDING_OVER, ",".join(map(str, descriptors)),
                 str(len(descriptors) if count is None else count), self.binary, "serve", *self.flags]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stderr=log, stdout=log, stdin=subprocess.DEVNULL,
                                            env=self.environment, pass_fds=descriptors)
        return self


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    return Manager(str(tmp_path / "notify") if request.param == "path" else f"\0sbx-test-{os.getpid()}-{time.time_ns()}")


def notice_of(manager):
    address = manager.socket.getsockname()
    return address if isinstance(address, str) else "@" + address[1:].decode()


def test_it_tells_that_it_is_ready_that_it_reloads_and_that_it_stops(binary, tmp_path, manager):
    daemon = Daemon(binary, tmp_path, NOTIFY_SOCKET=notice_of(manager)).start()
    assert manager.heard("READY=1")
    manager.told.clear()
    daemon.process.send_signal(signal.SIGHUP)
    assert manager.heard("READY=1")
    begin, end = manager.told
    assert begin.splitlines()[0] == "RELOADING=1" and end == "READY=1"
    since_boot = time.clock_gettime(time.CLOCK_MONOTONIC)
    assert since_boot - 10 < int(begin.splitlines()[1].removeprefix("MONOTONIC_USEC=")) / 1e6 <= since_boot
    daemon.process.send_signal(signal.SIGTERM)
    assert manager.heard("STOPPING=1")
    assert daemon.process.wait(30) == 0
    assert "WATCHDOG=1" not in manager.told


def test_it_shows_that_it_lives_where_that_is_asked_for(binary, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    daemon = Daemon(binary, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000").start()
    time.sleep(2)
    assert 8 <= manager.hear(0.05).count("WATCHDOG=1") <= 16
    os.kill(daemon.process.pid, signal.SIGSTOP)
    time.sleep(0.3)
    manager.hear(0.05)
    manager.told.clear()
    time.sleep(1)
    assert manager.hear(0.05) == []
    os.kill(daemon.process.pid, signal.SIGCONT)
    assert manager.heard("WATCHDOG=1")
    assert daemon.stop() == 0


def test_a_watchdog_of_another_process_is_none_of_its_own(binary, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    daemon = Daemon(binary, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="100000",
                    WATCHDOG_PID="1").start()
    time.sleep(0.5)
    assert "WATCHDOG=1" not in manager.hear(0.05)
    assert daemon.stop() == 0


def test_nobody_who_listens_holds_it_up(binary, tmp_path):
    for address in (str(tmp_path / "nobody"), "@nobody-listens", "x" * 300, "relative"):
        daemon = Daemon(binary, tmp_path, NOTIFY_SOCKET=address).start()
        assert daemon.stop() == 0


def listening(family, address):
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.bind(address)
    opened.listen()
    return opened


def test_sockets_that_are_handed_over_are_served(binary, tmp_path):
    path = tmp_path / "handed.sock"
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as port, listening(socket.AF_UNIX, str(path)) as local:
        path.chmod(0o600)
        waiting = socket.create_connection(port.getsockname())  # before there is a daemon
        waiting.sendall(f"GET /health HTTP/1.1\r\nHost: localhost:{port.getsockname()[1]}\r\n\r\n".encode())
        daemon = Managed(binary, tmp_path).start([port.fileno(), local.fileno()])
        daemon.port = port.getsockname()[1]
        assert eventually(daemon.answers, 20)
        waiting.settimeout(10)
        assert b"200 OK" in waiting.recv(4096)
        connection = UnixConnection(str(path), 10)
        connection.request("GET", "/health")
        assert Answer(connection.getresponse()).status == 200
        started = [json.loads(line) for line in daemon.log.read_text().splitlines() if '"started"' in line][0]
        assert started["addresses"] == [f"http://127.0.0.1:{daemon.port}", f"unix:{path}"], "and nothing else"
        assert daemon.run("print(6 * 7)").json["stdout"] == "42\n"
        assert daemon.stop() == 0
        assert path.exists(), "who made it removes it"
        with socket.create_connection(port.getsockname()):
            pass  # the manager listens on


def test_an_address_that_others_reach_needs_a_key_however_it_came(binary, tmp_path):
    with listening(socket.AF_INET, ("0.0.0.0", 0)) as port:
        daemon = Managed(binary, tmp_path).start([port.fileno()])
        assert daemon.process.wait(20) == 4
        assert "there is no key" in daemon.log.read_text()


@pytest.mark.parametrize("count, words", [("1", "no listening stream socket"), ("banana", "no count"), ("-1", "no count")])
def test_what_is_no_socket_is_refused(binary, tmp_path, count, words):
    with open("/dev/null", "rb") as null:
        daemon = Managed(binary, tmp_path).start([null.fileno()], count)
        assert daemon.process.wait(20) == 2
        assert words in daemon.log.read_text()


def test_sockets_of_another_process_are_left_alone(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, LISTEN_PID="1", LISTEN_FDS="2").start()
    assert daemon.stop() == 0


@pytest.mark.parametrize("kind", ["system", "user"])
def test_systemd_takes_the_units(binary, tmp_path, kind):
    source = UNITS / "user" if kind == "user" else UNITS
    units = []
    for name in ("sbx.service", "sbx.socket"):
        text = (source / f"{name}.in").read_text()
        program = Path(shutil.copy(binary, tmp_path / "sbx"))
        text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@", str(program.parent)).replace("@name@", "sbx")
        assert "@" not in text
        units.append(tmp_path / name)
        units[-1].write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--{kind}", *units], capture_output=True, text=True,
                          env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}, check=False)
    said = [line for line in done.stderr.splitlines() if "sbx" in line]
    assert done.returncode == 0 and not said, done.stderr


# `sbx daemon`: the same, for who has no service manager.

@pytest.fixture
def user(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    yield daemon
    daemon.sbx("daemon", "stop")
    assert daemon.sbx("daemon", "status").returncode == 3


def start(user, *flags):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        user.port = free.getsockname()[1]
    return user.sbx("daemon", "start", "--json", "--listen", f"127.0.0.1:{user.port}", "--listen",
                    f"unix:{user.socket}", "--remove-on-stop", *flags)


def test_it_runs_in_the_background_until_it_is_stopped(user):
    begin = time.monotonic()
    started = start(user, "--warm", "python=1")
    assert started.returncode == 0 and time.monotonic() - begin < 10, started
    said = json.loads(started.stdout)
    assert said["running"] and said["addresses"] == [f"http://127.0.0.1:{user.port}", f"unix:{user.socket}"]
    assert os.getsid(said["process"]) == said["process"]
    assert user.run("print(6 * 7)").json["stdout"] == "42\n"
    status = user.sbx("daemon", "status", "--json")
    assert status.returncode == 0 and json.loads(status.stdout) == said
    assert str(said["process"]) in user.sbx("daemon", "status").stdout
    again = start(user)
    assert again.returncode == 5 and json.loads(again.stdout)["error"]["code"] == "conflict"
    logs = user.sbx("daemon", "logs").stdout
    assert '"event":"started"' in logs and logs == Path(said["log"]).read_text()
    assert stat.S_IMODE(os.stat(said["log"]).st_mode) == 0o600
    stopped = user.sbx("daemon", "stop", "--json")
    assert stopped.returncode == 0 and json.loads(stopped.stdout)["process"] == said["process"]
    assert not Path(f"/proc/{said['process']}").exists() or "Z" in Path(f"/proc/{said['process']}/stat").read_text()
    assert '"event":"stopped"' in Path(said["log"]).read_text()


def test_without_one_there_is_none_to_stop(user):
    for command in ("stop", "status"):
        assert user.sbx("daemon", command).returncode == 3
    assert json.loads(user.sbx("daemon", "stop", "--json").stdout)["error"]["code"] == "not_found"
    status = user.sbx("daemon", "status", "--json")
    assert status.returncode == 3 and json.loads(status.stdout)["running"] is False
    assert user.sbx("daemon", "logs").returncode == 3 and user.sbx("daemon", "logs", "-f").returncode == 3
    assert user.sbx("daemon").returncode == 2


def test_what_keeps_it_from_starting_is_told(user):
    refused = start(user, "--listen", "0.0.0.0:0")
    error = json.loads(refused.stdout)["error"]
    assert refused.returncode == 4 and "there is no key" in error["message"] and error["hint"] == "sbx key create"
    wrong = start(user, "--no-such-flag")
    assert wrong.returncode == 2 and "--no-such-flag" in json.loads(wrong.stdout)["error"]["message"]
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as taken:
        done = start(user, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        assert done.returncode == 5, done.stdout
    assert user.sbx("daemon", "status").returncode == 3


def test_one_that_runs_in_the_foreground_is_found_too(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    said = json.loads(daemon.sbx("daemon", "status", "--json").stdout)
    assert said["process"] == daemon.process.pid
    assert start(daemon).returncode == 5
    assert daemon.sbx("daemon", "stop").returncode == 0
    assert daemon.process.wait(10) == 0


def test_a_lock_of_a_dead_one_means_nothing(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    daemon.stop(signal.SIGKILL)
    assert daemon.sbx("daemon", "status").returncode == 3
    assert daemon.sbx("daemon", "stop").returncode == 3


def test_a_long_log_is_put_aside_at_the_next_start(user):
    log = Path(user.home) / ".local/state/sbx/daemon/daemon.log"
    log.parent.mkdir(parents=True, mode=0o700)
    log.write_bytes(b"x" * (9 << 20))
    assert start(user).returncode == 0
    assert log.stat().st_size < 1 << 20 and Path(f"{log}.1").stat().st_size == 9 << 20


def test_looks_do_not_keep_one_from_starting(user):
    looks = [subprocess.Popen([user.binary, "daemon", "status"], env=user.environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) for _ in range(40)]
    assert start(user).returncode == 0
    for look in looks:
        look.wait()


def test_its_log_is_followed_also_where_another_takes_its_place(user):
    log = Path(json.loads(start(user).stdout)["log"])
    follower = subprocess.Popen([user.binary, "daemon", "logs", "--follow"], env=user.environment,
                                stdout=subprocess.PIPE, text=True)  # fmt: skip
    try:
        assert '"event":"started"' in follower.stdout.readline()
        with open(log, "a") as file:
            file.write("a line\n")
        assert any(line == "a line\n" for line in follower.stdout)
        os.rename(log, f"{log}.1")
        log.write_text("a new file\n")
        assert any(line == "a new file\n" for line in follower.stdout)
        follower.send_signal(signal.SIGINT)
        assert follower.wait(5) == -signal.SIGINT
    finally:
        follower.kill()
        follower.wait()
        assert user.sbx("daemon", "stop").returncode == 0
