"""What changes in a directory of a sandbox, as it changes."""

import json
import os
import signal

import pytest


@pytest.fixture
def watch(box):
    """Starts `sbx files watch` and waits until nothing is missed any more."""

    def start(place, *args):
        process = box.start("files", "watch", *args, place)
        if "--ndjson" in args:
            assert json.loads(process.stdout.readline())["type"] == "start"
        else:
            assert process.stderr.readline().startswith(b"sbx: watching /")
        return process

    return start


def lines(process, count):
    return [process.stdout.readline().decode().rstrip("\n") for _ in range(count)]


def run(box, script):
    assert box("exec", "box", "sh", "-c", script).code == 0


def test_a_line_tells_what_happened_to_which_name(box, watch):
    process = watch("box:")
    run(box, "echo a > x; mv x y; chmod 600 y; rm y")
    assert lines(process, 6) == ["created x", "written x", "renamed x", "renamed y", "attributes y", "removed y"]


def test_only_with_recursive_are_directories_below_watched(box, watch):
    run(box, "mkdir -p sub/deep")
    shallow, deep = watch("box:/work"), watch("box:/work", "-r")
    run(box, "touch sub/deep/file; mkdir new; sleep 0.5; touch new/inner; touch last")
    told = iter(lambda: deep.stdout.readline().decode().strip(), "created last")
    names = [each for each in told if each.startswith("created")]
    assert names == ["created sub/deep/file", "created new", "created new/inner"]
    assert [each for each in lines(shallow, 2) if each.startswith("created")] == ["created new", "created last"]


def test_ndjson_is_one_object_a_line_and_names_are_exact(box, watch):
    process = watch("box:", "--ndjson")
    run(box, "mkdir 'a b'; python3 -c 'import os; os.mkdir(bytes([110, 255]))'")
    first, second = (json.loads(line) for line in lines(process, 2))
    assert first == {"type": "change", "change": "created", "path": "a b"}
    assert (second["path"], second["path_base64"]) == (None, "bv8=")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=5)
    assert json.loads(out) == {"type": "end", "reason": "interrupted"} and process.returncode == 143


def test_a_name_from_inside_does_not_move_the_cursor(box, watch):
    process = watch("box:")
    run(box, "mkdir \"$(printf 'x\\033[2J')\"")
    assert lines(process, 1) == [r'created "x\x1b[2J"']


def test_changes_that_nobody_reads_are_lost_and_that_is_told(box, watch):
    process = watch("box:")
    os.kill(process.pid, signal.SIGSTOP)
    script = "import os\nfor i in range(60000):\n f = f'n{i}'\n os.mkdir(f); os.rmdir(f)"
    assert box("exec", "box", "python3", "-c", script).code == 0
    os.kill(process.pid, signal.SIGCONT)
    assert any(line == b"overflow\n" for line in process.stdout)
    run(box, "mkdir last")
    assert any(line == b"created last\n" for line in process.stdout)


def test_ctrl_c_ends_it(box, watch):
    process = watch("box:")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=5) == (b"", b"") and process.returncode == 130


def test_it_ends_when_the_directory_is_gone(box, watch):
    run(box, "mkdir here")
    process = watch("box:here")
    run(box, "rmdir here")
    out, words = process.communicate(timeout=5)
    assert words == b"sbx: /work/here is gone\n" and process.returncode == 0


def test_it_ends_with_its_sandbox_and_says_why(box, watch):
    process, machine = watch("box:"), watch("box:", "--ndjson")
    box("kill", "box")
    assert b"sandbox box has ended (killed)" in process.communicate(timeout=10)[1]
    out, words = machine.communicate(timeout=10)
    assert (json.loads(out)["type"], json.loads(out)["error"]["code"], words) == ("end", "not_found", b"")
    assert process.returncode == machine.returncode == 3


def test_a_reader_that_has_gone_ends_it_quietly(box, watch):
    process = watch("box:")
    process.stdout.close()
    run(box, "touch a b c")
    assert process.wait(10) == 141 and process.stderr.read() == b""


@pytest.mark.parametrize("place, code", [("box:missing", 3), ("box:/proc", 4), ("box", 2), ("nobody:", 3)])
def test_what_cannot_be_watched_is_an_error(box, place, code):
    done = box("files", "watch", place)
    assert done.code == code and done.stdout == b"" and done.err.startswith("sbx: "), done
    done = box("files", "watch", "--ndjson", place)
    assert done.code == code and done.json["type"] == "end"
