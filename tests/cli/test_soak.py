"""Many sandboxes for a long time, with processes of sbx killed meanwhile: at the end everything is as at the start."""

import hashlib
import os
import random
import signal
import subprocess
import threading
import time

from runner import eventually

FULL = os.environ.get("SBX_FULL") == "1"
CYCLES = 1000 if FULL else 30
SECONDS = 600 if FULL else 60
SANDBOXES = 16 if FULL else 8


def engine_state(engine):
    """Of the engine's own process: open descriptors."""
    pids = subprocess.run(["pidof", "dockerd"], capture_output=True, text=True, check=True).stdout.split()
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def containers(engine, sbx):
    state = sbx.state / "sbx" / "sandboxes"
    ours = {each.name for each in state.iterdir()} if state.exists() else set()
    return [c["Id"] for c in engine.json("/containers/json?all=1") if c["Labels"].get("sbx.sandbox") in ours]


def resident(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_sandboxes_come_and_go_and_leave_nothing(kept, engine):
    def cycle(number):
        sandbox = kept.make("--label", f"cycle={number}")
        assert kept("exec", sandbox, "sh", "-c", f"echo {number}").out == f"{number}\n"
        assert kept("rm", sandbox).code == 0

    cycle(0)  # the agent's volume is there from now on
    before = engine_state(engine)
    for number in range(CYCLES):
        cycle(number)
    assert eventually(lambda: not kept.keepers(), 10)
    assert eventually(lambda: not containers(engine, kept), 15)
    assert [each.name for each in (kept.state / "sbx" / "sandboxes").iterdir()] == ["lock"]
    assert eventually(lambda: engine_state(engine) <= before + 5, 20), (before, engine_state(engine))


class Load:
    """What one sandbox is put through: programs, much output, files, programs in the background."""

    def __init__(self, kept, sandbox, seed):
        self.kept, self.sandbox, self.random = kept, sandbox, random.Random(seed)
        self.failures, self.done = [], 0

    def work(self, end):
        steps = [self.echo, self.flood, self.file, self.background]
        while time.monotonic() < end and not self.failures:
            step = self.random.choice(steps)
            problem = step()
            self.done += 1
            # A keeper was killed under it: said with words, and the next try gets through.
            if problem and eventually(lambda: not step(), 20) is False:
                self.failures.append(problem)

    def exec(self, *words, **options):
        return self.kept("exec", self.sandbox, *words, **options)

    def echo(self):
        done = self.exec("echo", "hello")
        return None if (done.code, done.out) == (0, "hello\n") else done

    def flood(self):
        done = self.exec("sh", "-c", "head -c 4000000 /dev/zero")
        return None if done.code == 0 and len(done.stdout) == 4_000_000 else done

    def file(self):
        data = self.random.randbytes(300_000)
        done = self.kept("files", "write", f"{self.sandbox}:data", stdin=data)
        if done.code == 0:
            done = self.exec("sha256sum", "data")
        return None if done.out.split(" ")[0] == hashlib.sha256(data).hexdigest() else done

    def background(self):
        done = self.kept("exec", "-d", self.sandbox, "echo", "b")
        if done.code == 0:
            number = done.out.strip()
            done = self.kept("wait", self.sandbox, number, timeout=90)
        return None if done.code == 0 else done


def test_living_sandboxes_under_load_outlive_the_keepers_that_are_killed(kept, engine):
    sandboxes = [kept.make("--memory", "64m", "--disk", "8m", "--ttl", "1h") for _ in range(SANDBOXES)]
    loads = [Load(kept, sandbox, number) for number, sandbox in enumerate(sandboxes)]
    end = time.monotonic() + SECONDS
    workers = [threading.Thread(target=load.work, args=(end,)) for load in loads[:4]]
    for worker in workers:
        worker.start()
    chance, killed = random.Random(7), 0
    while any(worker.is_alive() for worker in workers):
        time.sleep(chance.uniform(1, 4))
        keepers = kept.keepers()
        if keepers and time.monotonic() < end:
            os.kill(chance.choice(keepers), signal.SIGKILL)
            killed += 1
    for worker in workers:
        worker.join()
    assert [load.failures for load in loads] == [[]] * len(loads)
    assert killed and all(load.done > 3 for load in loads[:4]), (killed, [load.done for load in loads])
    for sandbox in sandboxes:  # each still serves, whoever keeps it by now
        assert kept("exec", sandbox, "echo", "alive").out == "alive\n"
    keepers = kept.keepers()
    assert len(keepers) == len(sandboxes)
    assert max(map(resident, keepers)) < 48 << 20
    assert max(len(os.listdir(f"/proc/{pid}/fd")) for pid in keepers) < 32
    assert kept("rm", *sandboxes, timeout=120).code == 0
    assert eventually(lambda: not kept.keepers(), 20)
    assert eventually(lambda: not containers(engine, kept), 20)
