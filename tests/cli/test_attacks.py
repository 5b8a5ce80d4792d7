"""Code that means harm to the agent, to file operations and to those who share its sandbox: each line of the agent's
contract is tried in a living sandbox, which has to serve its owner all the same."""

import os
import subprocess
import textwrap
import time

import pytest

from runner import eventually


@pytest.fixture(scope="module")
def shared(binary, tmp_path_factory):
    """One sandbox for all attacks that it has to survive."""
    from kept import Kept

    home = tmp_path_factory.mktemp("home")
    sbx = Kept(binary, home, None)
    sbx.make("--name", "box")
    yield sbx
    sbx.end_all()


@pytest.fixture
def box(shared):
    """The sandbox still serves after each test, with the same agent."""
    before = shared.record("box")["container"]
    yield shared
    done = shared("exec", "box", "echo", "alive")
    assert (done.code, done.out) == (0, "alive\n"), done
    assert shared.record("box")["container"] == before


def attack(sbx, code, *arguments, timeout=60):
    return sbx("exec", "box", "python3", "-c", textwrap.dedent(code), *arguments, timeout=timeout)


# The agent, process 1


@pytest.mark.parametrize(
    "code",
    [
        "open('/proc/1/fd/1', 'wb').write(b'\\0' * 64)",  # forged frames, the way out
        "open('/proc/1/fd/0', 'wb').write(b'\\0' * 64)",
        "open('/proc/1/mem', 'r+b')",
        "open('/proc/1/environ', 'rb').read(1)",
        "open('/proc/1/maps').read(1) or 1 / 0",
        "open('/proc/1/oom_score_adj', 'w').write('1000')",
        "import os; os.kill(1, 9)",
        "import os; os.kill(1, 19)",
        "import os; os.setpriority(os.PRIO_PROCESS, 1, 19)",
        "import resource; resource.prlimit(1, resource.RLIMIT_CPU, (1, 1))",
        "import os; os.sched_setaffinity(1, {0})",
        "import os; os.setuid(0)",
        "import os; os.setgroups([0])",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/sbx/agent.sock')",
        "import os; os.listdir('/run/sbx')",
        "open('/.sbx/agent', 'wb')",
        "import os; os.chmod('/.sbx/agent', 0o777)",
        "import os; os.mount if hasattr(os, 'mount') else os.chroot('/tmp')",
        "import socket; socket.socket(40, socket.SOCK_STREAM)",  # AF_VSOCK is bound to no network namespace
        "import socket; socket.socket(38, socket.SOCK_SEQPACKET)",  # AF_ALG
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "import os; os.mknod('/tmp/disk', 0o60660, os.makedev(8, 0))",
        "open('/proc/sys/kernel/core_pattern', 'w').write('|/x')",
        "open('/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w').write('-1')",
    ],
)
def test_the_agent_and_the_kernel_are_out_of_reach(box, code):
    done = attack(box, code)
    assert done.code == 1 and any(e in done.err for e in ("PermissionError", "OSError", "FileNotFoundError")), done


def test_ptrace_of_the_agent_is_refused(box):
    code = """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.ptrace(16, 1, 0, 0) == -1  # PTRACE_ATTACH
    assert libc.process_vm_readv(1, 0, 0, 0, 0, 0) == -1
    print(ctypes.get_errno())
    """
    assert attack(box, code).out == "1\n"


def test_a_program_holds_no_descriptor_of_the_agent(box):
    done = attack(box, "import os; print(sorted(os.listdir('/proc/self/fd')))")
    assert done.out == "['0', '1', '2', '3']\n"  # 3: of the listing itself


def test_bytes_that_look_like_frames_are_output(box):
    frame = bytes([2, 0, 0, 0, 21, 0, 0, 0, 1, 0, 0, 0]) + b"{}"
    done = attack(box, f"import sys; sys.stdout.buffer.write({frame!r} * 1000)")
    assert done.stdout == frame * 1000 and done.code == 0


def test_the_token_is_nowhere_to_be_found(box):
    state = box.state / "sbx" / "sandboxes"
    tokens = {word for path in state.rglob("*") if path.is_file() for word in path.read_text(errors="replace").split('"')
              if len(word) >= 32 and word.isalnum()}  # fmt: skip
    assert tokens
    code = """
    import os, sys
    seen = []
    for process in filter(str.isdigit, set(os.listdir('/proc')) - {str(os.getpid())}):
        for name in ('cmdline', 'environ'):
            try:
                seen.append(open(f'/proc/{process}/{name}', 'rb').read())
            except OSError:
                pass
    print(any(token.encode() in text for token in sys.argv[1:] for text in seen))
    """
    container = box.record("box")["container"]
    assert attack(box, code, *[t for t in tokens if t not in container]).out == "False\n"


# Files


def test_links_that_change_while_a_file_is_read_lead_nowhere(box):
    """Ten thousand swaps a second between a file and a link to what uid 1000 may not read, and to what it may."""
    code = """
    import os, time
    os.makedirs('race/real', exist_ok=True)
    open('race/real/file', 'w').write('mine')
    end = time.time() + 6
    open('race/ready', 'w')
    while time.time() < end:
        for target in ('/etc', '/proc/1', '/run/sbx'):
            os.symlink(target, 'race/next')
            os.rename('race/next', 'race/way')
        os.rename('race/real', 'race/spare'); os.rename('race/spare', 'race/real')
    """
    swapping = box.start("exec", "box", "python3", "-c", textwrap.dedent(code))
    assert eventually(lambda: box("files", "stat", "box:race/ready").code == 0, 10)
    seen = set()
    while swapping.poll() is None:
        for name in ("race/way/shadow", "race/way/passwd", "race/way/agent.sock", "race/way/environ"):
            done = box("files", "cat", f"box:{name}")
            assert done.code != 0 and done.stdout == b"", done
        seen.add(box("files", "cat", "box:race/real/file").stdout)
    swapping.communicate()
    assert seen <= {b"mine", b""}


@pytest.mark.parametrize("make", ["os.mkfifo('trap')", "os.symlink('/dev/zero', 'trap')", "os.symlink('trap', 'trap')",
                                  "socket.socket(socket.AF_UNIX).bind('trap')"])  # fmt: skip
def test_what_is_no_file_neither_hangs_nor_floods(box, make, tmp_path):
    assert attack(box, f"import os, socket, shutil; os.path.lexists('trap') and os.unlink('trap'); {make}").code == 0
    for command in (["files", "cat", "box:trap"], ["files", "write", "box:trap/x"]):
        done = box(*command, timeout=20)
        assert done.code in (3, 4) and done.seconds < 5, done
    assert box("cp", "box:trap", tmp_path / "out", timeout=20).seconds < 5
    assert not (tmp_path / "out").is_file() or (tmp_path / "out").stat().st_size == 0
    assert box("files", "rm", "box:trap").code == 0


def test_a_full_work_directory_is_told_and_can_be_emptied(box):
    assert attack(box, "open('big', 'wb').truncate(0); import shutil\n"
                       "f = open('big', 'wb')\ntry:\n    while f.write(bytes(1 << 20)): f.flush()\nexcept OSError: pass").code == 0  # fmt: skip
    done = box("files", "write", "box:new", stdin=b"x" * 100_000)
    assert done.code not in (0, 2) and any(word in done.err for word in ("space", "full", "disk")), done
    assert box("files", "stat", "box:new").code == 3, "half a file was left"
    assert box("files", "rm", "box:big").code == 0
    assert box("files", "write", "box:new", stdin=b"x").code == 0


def test_work_without_inodes_is_told_and_can_be_emptied(box):
    code = """
    import os
    os.mkdir('many')
    try:
        for number in range(100_000): open(f'many/{number}', 'w').close()
    except OSError: pass
    """
    assert attack(box, code).code == 0
    assert box("files", "write", "box:one-more", stdin=b"x").code not in (0, 2)
    assert attack(box, "import shutil; shutil.rmtree('many')").code == 0
    assert box("files", "write", "box:one-more", stdin=b"x").code == 0


# Everything at once


def test_a_fork_bomb_hits_the_limit_and_can_be_killed(kept):
    kept.make("--name", "bomb", "--pids", "64")
    bomb = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.1)"
    running = kept.start("exec", "bomb", "python3", "-c", bomb)
    time.sleep(3)
    assert kept("inspect", "bomb").code == 0
    done = kept("exec", "bomb", "true", timeout=20)
    assert done.code != 0 and done.err, done  # no process to be had: said, not hung
    running.kill()  # its owner's end takes the whole group along
    running.communicate()
    assert eventually(lambda: kept("exec", "bomb", "echo", "alive").out == "alive\n", 20)


def test_a_memory_bomb_dies_alone(kept):
    kept.make("--name", "bomb", "--memory", "64m", "--disk", "16m")
    done = kept("exec", "--json", "bomb", "python3", "-c", "x = []\nwhile True: x.append(bytes(1 << 20))")
    assert done.code == 137 and done.json["reason"] == "oom"
    assert kept("exec", "bomb", "echo", "alive").out == "alive\n"


def test_signals_to_everybody_reach_only_the_users_own(box):
    running = box.start("exec", "box", "sleep", "60")
    time.sleep(0.5)
    assert attack(box, "import os; os.kill(-1, 9)").code in (0, 137)
    assert running.wait(10) == 137
    running.communicate()


def test_a_stopped_world_inside_stops_nobody_outside(box):
    running = box.start("exec", "box", "sleep", "60")
    time.sleep(0.5)
    attack(box, "import os\nos.kill(-1, 19)", timeout=20)
    assert box("exec", "box", "echo", "alive").out == "alive\n"
    running.kill()
    running.communicate()


def test_an_agent_that_is_killed_ends_its_sandbox_with_a_cause(kept, engine):
    """Only the host can: the process is the kernel's to protect inside."""
    sandbox = kept.make()
    container = kept.record(sandbox)["container"]
    program = kept.start("exec", sandbox, "sleep", "60")
    time.sleep(1)
    subprocess.run(["kill", "-9", str(engine.inspect(container)["State"]["Pid"])], check=True)
    begin = time.monotonic()
    assert program.wait(timeout=15) == 137
    assert time.monotonic() - begin < 5
    program.communicate()
    assert kept.record(sandbox)["cause"] in ("killed", "lost")
    assert eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 10)


@pytest.mark.full
def test_an_agent_that_is_stopped_is_given_up(kept, engine):
    sandbox = kept.make("--ttl", "1h")
    container = kept.record(sandbox)["container"]
    pid = engine.inspect(container)["State"]["Pid"]
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    done = kept("exec", sandbox, "true", timeout=90)
    assert done.code == 125 and "ended (lost)" in done.err, done
    assert eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 10)


def test_output_without_end_is_bounded_for_who_keeps_it(box):
    done = box("exec", "--json", "--max-output", "1m", "box", "sh", "-c", "yes", timeout=30)
    assert done.code == 153 and done.json["reason"] == "output_limit"
    number = box("exec", "-d", "box", "sh", "-c", "yes").out.strip()
    (keeper,) = box.keepers()
    time.sleep(2)
    resident = int(open(f"/proc/{keeper}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert resident < 64 << 20
    assert len(box("logs", "box", number).stdout) <= 64 << 10
    attack(box, "import os; os.kill(-1, 9)")
