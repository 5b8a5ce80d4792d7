"""Files into and out of a sandbox."""

import hashlib
import os
import subprocess

import pytest

from fake_engine import EngineProxy

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
LIST = "import os\nfor p in sorted(os.path.join(d, f) for d, _, fs in os.walk('/work') for f in fs): print(p)"


@pytest.fixture
def here(tmp_path):
    """A directory of a user: a few files, nested and with odd names."""
    (tmp_path / "data.txt").write_text("data\n")
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "x.txt").write_text("x\n")
    (tmp_path / "sub" / "deep" / "naïve ☃.txt").write_text("snow\n")
    (tmp_path / "script.sh").write_text("#!/bin/sh\necho ran\n")
    (tmp_path / "script.sh").chmod(0o755)
    return tmp_path


def paths(done):
    assert done.code == 0, done
    return done.out.splitlines()


@pytest.mark.parametrize(
    "spec, targets",
    [
        ("data.txt", ["/work/data.txt"]),
        ("./data.txt", ["/work/data.txt"]),
        ("sub/x.txt", ["/work/sub/x.txt"]),
        ("sub", ["/work/sub/deep/naïve ☃.txt", "/work/sub/x.txt"]),
        ("sub/", ["/work/sub/deep/naïve ☃.txt", "/work/sub/x.txt"]),
        ("data.txt:other.txt", ["/work/other.txt"]),
        ("data.txt:a/b/c.txt", ["/work/a/b/c.txt"]),
        ("data.txt:/work/abs.txt", ["/work/abs.txt"]),
        ("sub:renamed", ["/work/renamed/deep/naïve ☃.txt", "/work/renamed/x.txt"]),
    ],
)
def test_a_file_is_copied_to_where_it_was_asked(sbx, here, spec, targets):
    assert paths(sbx("run", "--file", spec, "-c", LIST, cwd=here)) == targets


def test_the_working_directory_itself_can_be_copied(sbx, here):
    found = paths(sbx("run", "--file", ".", "-c", LIST, cwd=here))
    assert {"/work/data.txt", "/work/sub/x.txt", "/work/sub/deep/naïve ☃.txt"} <= set(found)


def test_files_can_go_to_tmp(sbx, here):
    assert sbx("run", "--file", "data.txt:/tmp/in.txt", "-c", "print(open('/tmp/in.txt').read())", cwd=here).code == 0


def test_several_files_can_be_given_and_the_docker_habit_works(sbx, here):
    done = sbx("run", "--file", "data.txt", "-v", "sub/x.txt:y.txt", "-c", LIST, cwd=here)
    assert paths(done) == ["/work/data.txt", "/work/y.txt"]


def test_an_absolute_source_keeps_its_last_name(sbx, here, tmp_path):
    assert paths(sbx("run", "--file", here / "sub" / "x.txt", "-c", LIST, cwd="/")) == ["/work/x.txt"]


def test_files_keep_their_bytes_and_modes_and_belong_to_the_program(sbx, here):
    (here / "bytes.bin").write_bytes(bytes(range(256)) * 1000)
    code = """
import hashlib, os
for name in ('bytes.bin', 'script.sh'):
    s = os.stat(name)
    print(s.st_uid, s.st_gid, oct(s.st_mode & 0o777), hashlib.md5(open(name, 'rb').read()).hexdigest())
open('bytes.bin', 'a').write('mine'); os.remove('script.sh')
"""
    done = sbx("run", "--file", "bytes.bin", "--file", "script.sh", "-c", code, cwd=here)
    digests = [hashlib.md5((here / name).read_bytes()).hexdigest() for name in ("bytes.bin", "script.sh")]
    assert done.out.splitlines() == [f"1000 1000 0o644 {digests[0]}", f"1000 1000 0o755 {digests[1]}"]


@pytest.mark.parametrize("target", ["/etc/x", "/", "../x", "/work/../etc/x", "/proc/x", "/.sbx/agent", "/workx"])
def test_a_target_outside_of_the_work_directory_is_refused(sbx, here, target):
    done = sbx("run", "--file", f"data.txt:{target}", "-c", "1", cwd=here, env=NO_ENGINE)
    assert done.code == 125
    assert "--file" in done.err


@pytest.mark.parametrize("spec", ["missing.txt", "missing.txt:x", "sub/missing", ""])
def test_with_a_missing_source_nothing_runs(sbx, here, spec):
    done = sbx("run", "--file", spec, "-c", "print('ran')", cwd=here, env=NO_ENGINE)
    assert done.code in (125, 127)
    assert done.stdout == b"" and spec.split(":")[0] in done.err and "--file" in done.err


def test_a_directory_goes_without_what_nobody_wants(sbx, here):
    for name in (".git", "node_modules", ".venv", "__pycache__"):
        (here / "sub" / name).mkdir()
        (here / "sub" / name / "inside").write_text("")
    found = paths(sbx("run", "--file", "sub", "-c", LIST, cwd=here))
    assert found == ["/work/sub/deep/naïve ☃.txt", "/work/sub/x.txt"]
    found = paths(sbx("run", "--all", "--file", "sub", "-c", LIST, cwd=here))
    assert len(found) == 6 and "/work/sub/.git/inside" in found


def test_what_would_not_fit_is_refused_before_anything_is_created(sbx, here):
    with open(here / "big", "wb") as big:
        big.truncate(20 << 20)
    done = sbx("run", "--disk", "16m", "--file", "big", "-c", "print('ran')", cwd=here)
    assert done.code in (125, 126)
    assert "--disk" in done.err and done.stdout == b""


def test_a_large_file_goes_in_and_out(sbx, here):
    content = os.urandom(1 << 20) * 40
    (here / "big").write_bytes(content)
    done = sbx("run", "--file", "big", "--output", "copy:out", "--lang", "bash", "--", "cp", "big", "copy", cwd=here)
    assert done.code == 0, done
    assert (here / "out" / "copy").read_bytes() == content


def test_many_small_files_go_in_and_out(sbx, here):
    (here / "many").mkdir()
    for number in range(2000):
        (here / "many" / f"{number}.txt").write_text(str(number))
    done = sbx("run", "--file", "many", "--output", "many/*.txt:out", "-c", "pass", cwd=here)
    assert done.code == 0, done
    assert len(list((here / "out" / "many").iterdir())) == 2000


def test_links_in_a_directory_stay_links(sbx, here):
    (here / "sub" / "link").symlink_to("x.txt")
    done = sbx(
        "run", "--file", "sub", "-c", "import os; print(os.readlink('sub/link'), open('sub/link').read())", cwd=here
    )
    assert done.out == "x.txt x\n\n"


def test_special_files_are_refused_or_left_out_but_never_waited_for(sbx, here):
    os.mkfifo(here / "sub" / "pipe")
    done = sbx("run", "--file", "sub", "-c", LIST, cwd=here, timeout=20)
    assert done.code in (0, 125) and b"/pipe\n" not in done.stdout
    done = sbx("run", "--file", "sub/pipe", "-c", "1", cwd=here, timeout=20)
    assert done.code == 125 and "sub/pipe" in done.err


MAKE = """
import os
os.makedirs('made/deep')
for name in ('a.csv', 'b.csv', 'c.txt', 'made/deep/ü.csv'): open(name, 'w').write(name)
"""


@pytest.mark.parametrize(
    "spec, made",
    [
        ("a.csv:out", ["a.csv"]),
        ("*.csv:out", ["a.csv", "b.csv"]),
        ("**/*.csv:out", ["a.csv", "b.csv", "made/deep/ü.csv"]),
        ("made:out", ["made/deep/ü.csv"]),
        ("/work/c.txt:out/nested", ["nested/c.txt"]),
    ],
)
def test_output_files_are_copied_out(sbx, tmp_path, spec, made):
    done = sbx("run", "--output", spec, "-c", MAKE, cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert found == made


def test_output_goes_to_the_current_directory_unless_told(sbx, tmp_path):
    assert sbx("run", "--output", "a.csv", "-c", MAKE, cwd=tmp_path).code == 0
    assert (tmp_path / "a.csv").read_text() == "a.csv"


@pytest.mark.here
def test_output_belongs_to_the_caller_and_has_no_special_bits(as_nobody, open_folder, engine):
    code = "import os; open('tool', 'w').write('x'); os.chmod('tool', 0o6755)"
    with EngineProxy(open_folder / "docker.sock", engine.socket_path) as proxy:
        os.chmod(proxy.path, 0o666)
        done = as_nobody("run", "--output", "tool:out", "-c", code, env={"DOCKER_HOST": proxy.url})
    assert done.returncode == 0, done
    status = (open_folder / "out" / "tool").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7000) == (65534, 65534, 0)


def test_output_comes_out_after_a_failure_and_after_the_time_limit(sbx, tmp_path):
    code = "open('log', 'w').write('so far'); import time, sys\nif len(sys.argv) > 1: time.sleep(60)\nsys.exit(3)"
    assert sbx("run", "--output", "log:failed", "-c", code, cwd=tmp_path).code == 3
    assert sbx("run", "--output", "log:late", "--timeout", "1s", "-c", code, "wait", cwd=tmp_path).code == 124
    assert (tmp_path / "failed" / "log").read_text() == (tmp_path / "late" / "log").read_text() == "so far"


def test_output_that_was_never_made_is_told(sbx, tmp_path):
    done = sbx("run", "--output", "nothing.csv", "-c", "pass", cwd=tmp_path)
    assert "nothing.csv" in done.err


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "..", "../../etc/passwd"])
def test_a_link_made_inside_is_never_followed_outside(sbx, tmp_path, target):
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    code = f"""
import os
os.symlink({target!r}, 'link')
os.symlink({str(victim)!r}, 'victim-link')
os.mkdir('folder'); os.symlink({str(tmp_path)!r}, 'folder/up')
open('plain', 'w').write('plain')
"""
    sbx("run", "--output", "**:out", "--output", "link:out", "--output", "victim-link:out", "-c", code, cwd=tmp_path)
    assert victim.read_text() == "untouched"
    assert (tmp_path / "out" / "plain").read_text() == "plain"
    for path in (tmp_path / "out").rglob("*"):
        assert not (path.is_symlink() and path.exists()), path
    assert not (tmp_path / "out" / "folder" / "up" / "victim").exists()


def test_what_comes_out_does_not_go_through_a_link_that_lies_here(sbx, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "victim").write_text("untouched")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").symlink_to(tmp_path / "victim")
    (tmp_path / "out" / "folder").symlink_to(tmp_path / "elsewhere")
    code = "import os; open('file', 'w').write('new'); os.mkdir('folder'); open('folder/x', 'w').write('new')"
    sbx("run", "--output", "file:out", "--output", "folder:out", "-c", code, cwd=tmp_path)
    assert (tmp_path / "victim").read_text() == "untouched"
    assert not list((tmp_path / "elsewhere").iterdir())


def test_hostile_names_stay_below_the_directory(sbx, tmp_path):
    code = r"""
import os
for name in (b'-rf', b'a\nb', b'\xff\xfe', b'..x', b'~', b'$HOME', b'C:\\x'): open(name, 'w').write('x')
"""
    done = sbx("run", "--output", "*:out", "-c", code, cwd=tmp_path)
    assert done.code == 0, done
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {b"-rf", b"a\nb", b"..x", b"~", b"$HOME"} <= {
        os.fsencode(path.name) for path in (tmp_path / "out").iterdir()
    }


def test_artifacts_are_every_new_and_changed_file(sbx, here):
    code = MAKE + "\nopen('data.txt', 'a').write('more')"
    done = sbx("run", "--file", "data.txt", "--file", "sub", "--artifacts", "saved", "-c", code, cwd=here)
    assert (done.code, done.stderr) == (0, b"")
    found = sorted(str(p.relative_to(here / "saved")) for p in (here / "saved").rglob("*") if p.is_file())
    assert found == ["a.csv", "b.csv", "c.txt", "data.txt", "made/deep/ü.csv"]
    assert (here / "data.txt").read_text() == "data\n"


def test_the_record_lists_new_and_changed_files(sbx, here):
    code = MAKE + "\nopen('data.txt', 'a').write('more')"
    record = sbx("run", "--json", "--file", "data.txt", "--file", "sub", "-c", code, cwd=here).json
    sizes = {each["path"]: each["size_bytes"] for each in record["files"]}
    assert sizes == {"a.csv": 5, "b.csv": 5, "c.txt": 5, "data.txt": 9, "made/deep/ü.csv": 16}


def test_a_script_and_its_input_are_no_new_files(sbx, here):
    (here / "nothing.py").write_text("print(1)")
    assert sbx("run", "--json", "--file", "sub", "nothing.py", cwd=here).json["files"] == []
    (here / "nothing.c").write_text("int main() {}")
    assert sbx("run", "--json", "nothing.c", cwd=here).json["files"] == []


def test_a_full_disk_out_here_is_an_error_with_words(sbx, tmp_path):
    (tmp_path / "small").mkdir()
    mount = f"mount -t tmpfs -o size=64k none '{tmp_path}/small'"
    run = f"'{sbx.binary}' run --output big:small --lang bash -c 'head -c 1M /dev/zero >big'"
    line = f"{mount} && {run}"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", line], env=sbx.environment(), capture_output=True, timeout=30, cwd=tmp_path
    )
    assert done.returncode in (125, 126)
    assert b"No space left" in done.stderr and b"big" in done.stderr


@pytest.mark.parametrize("flag", ["--output=x:", "--artifacts="])
def test_a_directory_for_results_that_cannot_be_made_is_refused_before_anything_runs(sbx, tmp_path, flag):
    (tmp_path / "file").write_text("in the way")
    done = sbx("run", f"{flag}{tmp_path}/file/out", "-c", "open('x', 'w')", env={"DOCKER_HOST": "unix:///nowhere"})
    assert done.code == 125
    assert "file/out" in done.err and len(done.err.splitlines()) <= 2


def test_the_work_directory_is_where_a_program_starts(sbx, here):
    code = "import os; print(os.getcwd(), os.environ['HOME'])"
    assert sbx("run", "-c", code).out == "/work /work\n"
    assert sbx("run", "--workdir", "/tmp", "-c", code).out == "/tmp /work\n"
    assert sbx("run", "--file", "sub", "--workdir", "sub", "-c", code, cwd=here).out == "/work/sub /work\n"
    assert sbx("run", "--workdir", "new/dir", "-c", code).out == "/work/new/dir /work\n"


def test_a_script_is_found_wherever_it_starts(sbx, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "beside.py").write_text("name = 'beside'")
    (tmp_path / "app" / "s.py").write_text("import os, sys, beside; print(os.getcwd(), sys.argv[0], beside.name)")
    (tmp_path / "s.py").write_text("import os, sys; print(os.getcwd(), sys.argv)")
    assert sbx("run", "--workdir", "sub", "s.py", "x", cwd=tmp_path).out == "/work/sub ['/work/s.py', 'x']\n"
    assert sbx("run", "--workdir", "/tmp", tmp_path / "s.py").out == "/tmp ['/work/s.py']\n"
    assert sbx("run", "--workdir", "/work/.", "s.py", cwd=tmp_path).out == "/work ['s.py']\n"
    done = sbx("run", "--workdir", "sub", "--entry", "s.py", "app", cwd=tmp_path)
    assert done.out == "/work/sub /work/s.py beside\n"


def test_a_program_is_compiled_where_its_files_are_and_starts_elsewhere(sbx, tmp_path):
    (tmp_path / "m.c").write_text('#include <unistd.h>\nint main() { char d[99]; return !getcwd(d, 99) || puts(d) < 0; }')
    done = sbx("run", "--workdir", "sub", "m.c", cwd=tmp_path)
    assert "m.c:2:" in done.err and "/work" not in done.err  # a warning names the user's own file
    assert done.out == "/work/sub\n"
    (tmp_path / "m.cs").write_text("class M { static void Main() { System.Console.WriteLine(\"compiled\"); } }")
    assert sbx("run", "--workdir", "sub", "m.cs", cwd=tmp_path).out == "compiled\n"


@pytest.mark.parametrize("directory", ["/proc/self/fd/3", "/work/../proc", "/no/such/directory", "/etc/passwd"])
def test_a_work_directory_that_cannot_be_is_refused(sbx, directory):
    done = sbx("run", "--workdir", directory, "-c", "print('ran')")
    assert done.code in (125, 126, 127)
    assert done.stdout == b"" and "--workdir" in done.err


def test_the_mode_of_a_mount_is_answered_with_what_sbx_does(sbx, tmp_path):
    (tmp_path / "data").write_text("data")
    done = sbx("run", "-v", "data:y:ro", "-c", "1", cwd=tmp_path)
    assert done.code == 125
    assert "copied" in done.err and "--file data:y" in done.err


def test_a_result_that_the_program_made_unreadable_is_named(sbx, tmp_path):
    code = "import os; open('s', 'w').write('x'); os.chmod('s', 0); open('t', 'w').write('y')"
    done = sbx("run", "--output", f"*:{tmp_path}", "-c", code)
    assert done.code == 0 and (tmp_path / "t").read_text() == "y" and not (tmp_path / "s").exists()
    assert '"s" was left out' in done.err


def test_a_file_below_a_file_is_refused_before_anything_is_created(sbx, tmp_path):
    (tmp_path / "x").write_text("x")
    done = sbx("run", "--json", "--file", f"{tmp_path}/x:a", "--file", f"{tmp_path}/x:a/b", "-c", "1")
    assert (done.code, done.json["error"]["code"]) == (125, "invalid_argument")
    assert "/work/a/b" in done.json["error"]["message"]
