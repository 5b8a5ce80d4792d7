"""A daemon whose state directory's disk is full: no new sandboxes, everything else goes on."""

import os
import subprocess

import pytest

from conftest import served
from daemon import eventually


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.fixture
def daemon(binary, engine, tmp_path, small_disk):
    yield from served(binary, engine, tmp_path, XDG_STATE_HOME=str(small_disk))


def fill(disk, left):
    """Takes all room but so many bytes."""
    room = os.statvfs(disk)
    with open(disk / "filler", "wb") as filler:
        filler.write(b"x" * (room.f_bavail * room.f_frsize - left))


def test_on_a_full_disk_no_sandbox_is_made_and_the_others_go_on(daemon, small_disk):
    living = daemon.sandbox()
    daemon.evaluate(living, "x = 41")
    for left in (1 << 20, 0):  # what the daemon keeps in reserve is gone; then the rest too
        fill(small_disk, left)
        refused = eventually(lambda: (answer := daemon.post("/v1/sandboxes")).status == 507 and answer)
        assert refused.json["error"]["code"] == "resource_exhausted" and str(small_disk) not in refused.body.decode()
        assert daemon.evaluate(living, "x += 1; print(x)").json["stdout"] == f"{42 if left else 43}\n"
        run = daemon.run("print(6 * 7)")
        assert (run.status, run.json["stdout"]) == (200, "42\n")
        assert daemon.get("/health").status == 200
        (small_disk / "filler").unlink()
        assert eventually(lambda: daemon.post("/v1/sandboxes").status == 201, 5)
    assert living in [each["id"] for each in daemon.get("/v1/sandboxes").json["sandboxes"]]
    assert daemon.run("print(1)").status == 200
    assert eventually(lambda: daemon.get("/v1/executions").json["executions"])
