"""Keys to the daemon's API: made, listed and revoked in the store of a daemon that need not run."""

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess

import pytest
from runner import Sbx

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


@pytest.fixture
def keys(binary, tmp_path):
    """`sbx key` with a state directory of its own."""
    sbx = Sbx(binary, tmp_path, None)

    def run(*args, **options):
        return sbx("key", *args, env={**NO_ENGINE, **options.pop("env", {})}, **options)

    run.sbx = sbx
    run.folder = sbx.state / "sbx" / "daemon"
    run.store = run.folder / "store.db"
    return run


def create(keys, *args):
    done = keys("create", *args)
    assert done.code == 0, done
    return done.out.strip()


def digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


def test_the_secret_is_on_stdout_alone_and_is_not_stored(keys):
    done = keys("create", "--name", "ci")
    assert done.code == 0
    secret = done.out.strip()
    assert re.fullmatch(r"sbx_[0-9A-Za-z]{43}", secret)
    assert secret not in done.err and digest(secret)[:8] in done.err
    stored = b"".join(path.read_bytes() for path in keys.folder.iterdir())
    assert secret.encode() not in stored and digest(secret).encode() in stored
    assert secret not in keys("ls").out + keys("ls", "--json").out


def test_keys_for_machines(keys):
    made = keys("create", "--name", "ci", "--max-sandboxes", "3", "--json").json
    assert made["id"] == digest(made.pop("secret"))[:8]
    assert (made["name"], made["max_sandboxes"], made["max_concurrent"], made["revoked_ms"]) == ("ci", 3, None, None)
    assert keys("ls", "--json").json == [made]
    revoked = keys("revoke", made["id"], "--json").json
    assert revoked["revoked_ms"] >= made["created_ms"]
    assert keys("ls", "--json").json == [revoked]


def test_keys_are_listed_for_people(keys):
    assert (keys("ls").code, keys("ls").out, keys("ls", "--json").json) == (0, "", [])
    assert not keys.folder.exists()  # a look changes nothing
    first, second = (digest(create(keys, "--name", name))[:8] for name in ("one", "two"))
    lines = keys("ls").out.splitlines()
    assert lines[0].startswith("KEY") and {first, second} == {line.split()[0] for line in lines[1:]}
    assert keys("revoke", "one").out.strip() == first
    assert keys("ls", "-q").out.split() == [second]
    assert len(keys("ls").out.splitlines()) == 3


def test_what_cannot_be_is_refused(keys):
    create(keys, "--name", "same")
    create(keys, "--name", "same")
    assert keys("revoke", "nothing").code == 3
    assert keys("revoke", "same").code == 5
    assert keys("revoke", "").code == 3
    assert keys("create", "--name", "a b").code == 2
    assert keys("create", "--max-sandboxes", "-1").code == 2
    assert keys("create", "sbx_mysecret").code == 2  # a secret is never taken from the command line
    assert keys("create", env={"XDG_STATE_HOME": None, "HOME": None}).code == 6


def test_the_store_is_its_users_alone(keys):
    create(keys)
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(keys.store.stat().st_mode) == 0o600
    keys.store.chmod(0o644)
    done = keys("ls")
    assert done.code == 4 and f"chmod 600 {keys.store}" in done.err


def test_a_damaged_store_is_left_for_the_daemon(keys):
    create(keys)
    keys.store.write_bytes(b"no store at all, but long enough for a header of one" * 100)
    done = keys("create")
    assert done.code == 6 and "damaged" in done.err
    assert [path.name for path in keys.folder.iterdir()] == ["store.db"]


def test_a_newer_store_is_refused(keys):
    create(keys)
    with sqlite3.connect(keys.store) as database:
        database.execute("PRAGMA user_version = 99")
    done = keys("ls")
    assert done.code == 5 and "version 99" in done.err


def test_keys_made_at_once_are_all_there(keys):
    started = [keys.sbx.start("key", "create", "--json") for _ in range(12)]
    made = set()
    for each in started:
        out, err = each.communicate(timeout=60)
        assert each.returncode == 0, err
        made.add(json.loads(out)["id"])
    assert len(made) == 12
    assert {key["id"] for key in keys("ls", "--json").json} == made
    assert not list(keys.folder.glob("store.db.new-*"))


def test_a_kill_loses_no_key_whose_secret_was_shown(keys):
    """Each command is killed as soon as it has printed, or a little later."""
    shown = []
    for n in range(30):
        with keys.sbx.start("key", "create") as process:
            if n % 3:
                shown.append(process.stdout.readline().decode().strip())
            process.send_signal(signal.SIGKILL)
    ids = {key["id"] for key in keys("ls", "--json").json}
    assert {digest(secret)[:8] for secret in shown if secret} <= ids
    with sqlite3.connect(keys.store) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_on_a_full_disk_no_secret_is_shown(keys, tmp_path):
    disk = tmp_path / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", disk], check=True)
    try:
        env = {"XDG_STATE_HOME": str(disk)}
        before = keys("create", env=env)
        assert before.code == 0, before
        with open(disk / "filler", "wb", buffering=0) as filler, pytest.raises(OSError):
            while True:
                filler.write(b"x" * 4096)
        done = keys("create", env=env)
        assert done.code == 6 and done.stdout == b"", done
        assert "df -h" in done.err
        (disk / "filler").unlink()
        assert len(keys("ls", "--json", env=env).json) == 1
        assert keys("create", env=env).code == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_another_user_cannot_read_the_keys(keys, as_nobody, open_folder):
    create(keys)
    copy = open_folder / "state" / "sbx" / "daemon"
    shutil.copytree(keys.folder, copy)
    done = as_nobody("key", "ls", env={"XDG_STATE_HOME": open_folder / "state"})
    assert done.returncode == 4
    assert os.getuid() == 0  # the suite's own rights are what makes this a test
