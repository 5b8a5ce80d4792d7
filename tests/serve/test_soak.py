"""All dialects at once for a long time: at the end the daemon is as at the start."""

import os
import threading
import time

from colima import Colima, text_of
from daemon import eventually
from librechat import LibreChat, new
from sessions import Sessions

SECONDS = 3600 if os.environ.get("SBX_FULL") else 60
MORE_MEMORY = 24 << 20  # of the daemon's: what allocators keep
REMEMBERED = 100  # sandboxes that have ended
MORE_DESCRIPTORS = 6  # of connections to the engine that are kept


def native(daemon, number):
    assert daemon.run(f"print({number})").json["stdout"] == f"{number}\n"
    sandbox = daemon.sandbox()
    daemon.evaluate(sandbox, f"x = {number}")
    assert daemon.evaluate(sandbox, "x").json["results"][0]["data"]["text/plain"] == str(number)
    assert daemon.request("DELETE", f"/v1/sandboxes/{sandbox}").status == 204


def of_sessions(dialect):
    def use(daemon, number):
        sessions = Sessions(daemon, dialect)
        session = sessions.make()
        session.out(f"x = {number}")
        assert session.out("print(x)") == f"{number}\n"
        assert session.close().status == 200
        assert sessions.once(f"print({number})")["stdout"] == f"{number}\n"

    return use


def colima(daemon, number):
    sandbox = Colima(daemon).make(metadata={"number": str(number)})
    sandbox.write("number", str(number))
    assert sandbox.out("cat number") == str(number)
    pid = sandbox.start("cat number; sleep 0.2; cat number")
    assert text_of(sandbox.heard(pid)) == f"{number}{number}"
    with sandbox.stream(sandbox.start("yes")) as socket:
        socket.recv()
    assert sandbox.kill().status == 200


def brainnet(daemon, number):
    base = "/compat/brainnet"
    told = daemon.post(f"{base}/execute?wait=60", {"code": f"x = {number}", "debug_mode": True}, timeout=120).json
    assert told["debug_info"]["variables_after"]["x"] == str(number)
    assert daemon.get(f"{base}/execution/{told['execution_id']}").json["status"] == "completed"


def librechat(daemon, number):
    chat = LibreChat(daemon)
    session, file = chat.upload(str(number), "a.txt")
    told = chat.run("open('b.txt', 'w').write(open('a.txt').read() * 2)", files=[new(file, session)])
    assert chat.read(told["session_id"], told["files"][0]["id"]) == (str(number) * 2).encode()
    stopped = chat.program("print(await add(x=1))", ["add"])
    assert chat.go_on(stopped, number)["stdout"] == f"{number}\n"
    for made in (session, told["session_id"], stopped["session_id"]):
        chat.request("DELETE", f"/v1/librechat/sessions/{made}")


USES = {"native": native, "proxy": of_sessions("proxy"), "app": of_sessions("app"), "colima": colima,
        "brainnet": brainnet, "librechat": librechat}


class Worker(threading.Thread):
    """One client after the other of a dialect."""

    def __init__(self, daemon, use, first):
        super().__init__()
        self.daemon_, self.use, self.first = daemon, use, first
        self.done, self.failure = 0, None

    def run(self):
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end:
                self.use(self.daemon_, self.first + self.done)
                self.done += 1
        except Exception as failure:  # noqa: BLE001  told by the test
            self.failure = failure


def descriptors(daemon):
    """But for those of the pool: each of its sandboxes has a connection to it and one on which its end is told."""
    ready = sum(kind["ready"] for kind in daemon.get("/v1/pool").json["kinds"])
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd")) - 2 * ready


def resident(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def alive(daemon):
    return [daemon.get("/v1/sandboxes").json["sandboxes"], Sessions(daemon).list(), Colima(daemon).done("GET", "/sandboxes/")]


def waiting(daemon):
    """Sandboxes of the pool."""
    return sum(kind["wanted"] for kind in daemon.get("/v1/pool").json["kinds"])


def test_a_day_of_all_dialects_leaves_nothing(own_compat, engine):
    pid = own_compat.process.pid
    for number, use in enumerate(USES.values()):
        use(own_compat, number)  # what is made once is there from now on
    assert eventually(lambda: alive(own_compat) == [[], [], []])
    before = descriptors(own_compat), resident(pid)
    workers = [Worker(own_compat, use, 1000 * index) for index, use in enumerate(USES.values())]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not [worker.failure for worker in workers if worker.failure]
    assert all(worker.done > 3 for worker in workers), [worker.done for worker in workers]
    assert eventually(lambda: alive(own_compat) == [[], [], []])
    assert eventually(lambda: len(own_compat.containers(engine)) <= waiting(own_compat), 20)
    assert eventually(lambda: descriptors(own_compat) <= before[0] + MORE_DESCRIPTORS, 20), (
        before, descriptors(own_compat))
    assert resident(pid) <= before[1] + MORE_MEMORY, (before, resident(pid))
    files = own_compat.home / ".local" / "state" / "sbx" / "daemon" / "files"
    assert os.listdir(files) == ["runs"] and not os.listdir(files / "runs")
    records = os.listdir(own_compat.home / ".local" / "state" / "sbx" / "sandboxes")
    assert len(records) <= REMEMBERED + 10, len(records)  # those that ended since the last one was made, and the lock
