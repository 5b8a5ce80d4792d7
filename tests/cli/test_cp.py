"""Files of a sandbox that stays: copied in and out, listed, read, written; nothing from inside reaches beyond its place."""

import hashlib
import io
import os
import tarfile

import pytest


def inside(box, script):
    done = box("exec", "box", "sh", "-c", script)
    assert done.code == 0, done
    return done.out


def test_a_file_and_a_directory_go_in_and_come_back(box, tmp_path):
    source = tmp_path / "src"
    (source / "deep" / ".git").mkdir(parents=True)
    (source / "deep" / "näme with space").write_bytes(b"\x00\xff")
    (source / "deep" / ".git" / "config").write_text("kept")
    (source / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (source / "run.sh").chmod(0o755)
    assert box("cp", "src", "box:", cwd=tmp_path).code == 0
    assert inside(box, "/work/src/run.sh; cat /work/src/deep/.git/config") == "ran\nkept"
    assert box("cp", "box:src", "back", cwd=tmp_path).code == 0
    assert (tmp_path / "back" / "deep" / "näme with space").read_bytes() == b"\x00\xff"
    assert os.access(tmp_path / "back" / "run.sh", os.X_OK)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".sbx")]


def test_where_things_go_is_as_with_cp(box, tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    assert box("cp", "a", "box:/work/renamed", cwd=tmp_path).code == 0
    assert box("cp", "a", "b", "box:/work/new/", cwd=tmp_path).code == 0
    assert box("cp", "b", "box:new", cwd=tmp_path).code == 0
    assert box("cp", "a", "box:/tmp", cwd=tmp_path).code == 0
    assert inside(box, "cat renamed new/a new/b /tmp/a; ls new") == "aabaa\nb\n"
    (tmp_path / "here").mkdir()
    assert box("cp", "box:renamed", "box:new/b", "here", cwd=tmp_path).code == 0
    assert sorted(os.listdir(tmp_path / "here")) == ["b", "renamed"]
    assert box("cp", "box:renamed", "b", cwd=tmp_path).code == 0
    assert (tmp_path / "b").read_text() == "a"
    assert box("cp", "box:new", "here", cwd=tmp_path).code == 0
    assert sorted(os.listdir(tmp_path / "here" / "new")) == ["a", "b"]
    assert box("cp", "box:/etc/debian_version", "version", cwd=tmp_path).code == 0
    assert (tmp_path / "version").read_text().startswith("12")


def test_large_files_are_whole_both_ways(box, tmp_path):
    data = os.urandom(1 << 20) * 100
    (tmp_path / "large").write_bytes(data)
    assert box("cp", "large", "box:large", cwd=tmp_path, timeout=120).code == 0
    digest = hashlib.sha256(data).hexdigest()
    assert inside(box, "sha256sum large").split()[0] == digest
    assert box("cp", "box:large", "back", cwd=tmp_path, timeout=120).code == 0
    assert hashlib.sha256((tmp_path / "back").read_bytes()).hexdigest() == digest


def test_links_from_inside_are_not_made_and_not_followed(box, tmp_path):
    (tmp_path / "secret").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tree").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    inside(box, f"mkdir tree; echo x > tree/file; ln -s {tmp_path}/secret tree/link; ln -s /etc/passwd single")
    done = box("cp", "box:tree", "copy", cwd=tmp_path)
    assert done.code == 0 and "link" in done.err
    assert os.listdir(tmp_path / "copy") == ["file"]
    assert box("cp", "box:tree", "out", cwd=tmp_path).code == 5
    assert os.listdir(tmp_path / "elsewhere") == []
    assert box("cp", "box:single", "copied", cwd=tmp_path).code == 0
    assert not os.path.lexists(tmp_path / "copied")
    # A file takes the place of a link, and leaves what that leads to alone.
    (tmp_path / "alias").symlink_to(tmp_path / "secret")
    assert box("cp", "box:tree/file", "alias", cwd=tmp_path).code == 0
    assert (tmp_path / "secret").read_text() == "mine"


def test_an_archive_goes_through_stdin_and_stdout(box, tmp_path):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo("x/y")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"abc"))
    assert box("cp", "-", "box:/work/unpacked", stdin=archive.getvalue()).code == 0
    assert inside(box, "cat unpacked/x/y") == "abc"
    done = box("cp", "box:unpacked", "-")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        assert tar.extractfile("unpacked/x/y").read() == b"abc"
    assert box("cp", "-", "box:/work", stdin=b"no archive" * 100).code != 0


@pytest.mark.parametrize(
    "args, code",
    [(["cp", "box:x"], 2), (["cp", "a", "b"], 2), (["cp", "box:a", "box:b"], 2), (["cp", "missing", "box:"], 3),
     (["cp", "box:missing", "."], 3), (["cp", "nobody:x", "."], 3), (["cp", "a", "box:/etc/x"], 2),
     (["cp", "box:/proc/self", "."], 4), (["files", "ls", "nowhere"], 2), (["files", "cat", "box:missing"], 3),
     (["files", "ls", "nobody:"], 3), (["files", "mv", "box:a", "other:b"], 2), (["files", "stat", "box:missing"], 3)],
)  # fmt: skip
def test_what_cannot_be_done_is_told(box, tmp_path, args, code):
    (tmp_path / "a").write_text("a")
    done = box(*args, cwd=tmp_path)
    assert done.code == code, done
    assert done.err


def test_more_than_the_sandbox_holds_is_refused(kept, tmp_path):
    kept.make("--name", "small", "--disk", "4m")
    (tmp_path / "large").write_bytes(bytes(8 << 20))
    done = kept("cp", "large", "small:", cwd=tmp_path)
    assert done.code == 1 and "8 MiB" in done.err
    assert kept("files", "write", "small:x", stdin=bytes(8 << 20)).code == 7


def test_files_are_written_read_and_changed(box):
    data = os.urandom(300_000)
    assert box("files", "write", "box:data.bin", stdin=data).code == 0
    assert box("files", "cat", "box:data.bin").stdout == data
    assert box("files", "write", "-a", "box:data.bin", stdin=b"more").code == 0
    assert box("files", "cat", "box:/work/data.bin").stdout == data + b"more"
    assert box("files", "mkdir", "box:a/b/c").code == 0
    assert box("files", "mv", "box:data.bin", "box:a/b/").code == 0
    entry = box("files", "stat", "--json", "box:a/b/data.bin").json
    assert (entry["type"], entry["size_bytes"]) == ("file", 300_004)
    listed = box("files", "ls", "-r", "--json", "box:a").json
    assert [each["path"] for each in listed] == ["b", "b/c", "b/data.bin"]
    assert box("files", "ls", "-q", "box:a").out == "b\n"
    assert box("files", "rm", "box:a").code != 0
    assert box("files", "rm", "-r", "box:a").code == 0
    assert box("files", "ls", "box:").out == ""


def test_names_from_inside_cannot_drive_the_terminal(box):
    inside(box, "touch \"$(printf 'x\\033[31m')\"")
    done = box("files", "ls", "box:")
    assert b"\x1b" not in done.stdout and "x" in done.out
    assert "\\u001b" in box("files", "ls", "--json", "box:").out


def test_cat_stops_quietly_when_its_reader_leaves(box):
    inside(box, "head -c 50000000 /dev/zero > large")
    done = box.shell(f"'{box.binary}' files cat box:large | head -c 1; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == (b"\x00141\n", b"")
