"""Sessions with a kernel: at a terminal, and with lines from a pipe."""

import base64
import os
import re
import signal
import stat

import pytest

from runner import eventually
from terminal import Terminal
from test_eval import PNG

PATIENCE = 60  # a kernel that starts on a busy machine
OTHER = rb"(?<![>.])> $"  # the prompt of most languages
PICTURE = f"""class P:
    def __repr__(self): return "a picture"
    def _repr_png_(self): return bytes.fromhex("{PNG.hex()}")
"""


class Session(Terminal):
    """A session that shows its first prompt."""

    def __init__(self, kept, *args, prompt=rb">>> $", **environment):
        ours = kept.environment() | {"TERM": "xterm"} | environment
        super().__init__(kept.command("repl", *args), ours)
        self.prompt = prompt
        self.expect(prompt, PATIENCE)

    def type(self, text, expected=None):
        """Types a line, sees what is expected of it, and the next prompt."""
        self.send(text.encode() + b"\r")
        if expected is not None:
            self.expect(expected, PATIENCE)
        self.expect(self.prompt, PATIENCE)


@pytest.fixture
def session(kept):
    opened = []

    def start(*args, **options):
        opened.append(Session(kept, *args, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_session_and_others_have_the_same_kernel_in_turns(session, kept):
    kept.make("--name", "box")
    terminal = session("--sandbox", "box")
    for n in range(3):
        terminal.type(f"x = {n}")
        assert kept("eval", "box", "-c", "x += 10; x").out == f"{n + 10}\n"
        terminal.type("x", f"\r\n{n + 10}\r\n".encode())
    caller = kept.start("eval", "box", "-c", "print('begun', flush=True); import time; time.sleep(2); x = 'theirs'")
    assert caller.stdout.readline() == b"begun\n"
    terminal.type("x", rb"\r\n'theirs'\r\n")
    assert caller.wait(5) == 0


def test_a_session_in_a_new_sandbox(session, kept):
    terminal = session()
    assert len(kept.known()) == 1
    terminal.type("x = 6 * 7")
    terminal.type("x", rb"\r\n42\r\n")
    terminal.type("1 / 0", rb"ZeroDivisionError: division by zero\r\n")
    terminal.type("print('é😀', end='')", "\r\né😀\r\n".encode())
    terminal.send(b"\x04")
    assert terminal.wait() == 0 and terminal.is_restored()
    assert kept.known("-a") == {}


def test_a_session_in_a_sandbox_that_stays(session, kept):
    kept.make("--name", "box")
    kept("eval", "box", "-c", "left = 'by eval'")
    terminal = session("--sandbox", "box")
    terminal.type("left", rb"'by eval'\r\n")
    terminal.type("left = 'by repl'")
    assert kept("eval", "box", "-c", "left").out == "'by repl'\n"  # at its prompt nobody is kept waiting
    terminal.send(b"exit()\r")
    assert terminal.wait() == 0
    assert [each["name"] for each in kept.known().values()] == ["box"]


def test_a_cell_may_have_many_lines(session):
    terminal = session()
    terminal.send(b"def f(n):\r")
    terminal.expect(rb"\.\.\. ", PATIENCE)
    terminal.send(b"return n + 1\r")  # the indentation is there
    terminal.expect(rb"\.\.\. ", PATIENCE)
    terminal.type("\x15")
    terminal.type("f(41)", rb"\r\n42\r\n")


def test_tab_completes_from_the_kernel(session):
    terminal = session()
    terminal.type("a_long_name = 7; a_long_day = 8")
    terminal.send(b"a_long_n\t")
    terminal.expect(rb"ame", PATIENCE)
    terminal.type(" + 1", rb"\r\n8\r\n")
    terminal.send(b"a_l\t\t")
    terminal.expect(rb"a_long_day +a_long_name\r\n", PATIENCE)
    terminal.type("d\t", rb"\r\n8\r\n")


def test_ctrl_c_clears_the_line_and_interrupts_a_cell(session):
    terminal = session()
    terminal.type("x = 1")
    terminal.send(b"x = 2 +\x03")
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("x", rb"\r\n1\r\n")
    terminal.send(b"print('begun'); import time; [time.sleep(0.1) for _ in range(6000)]\r")
    terminal.expect(rb"\nbegun", PATIENCE)
    terminal.send(b"\x03")
    terminal.expect(rb"KeyboardInterrupt", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("x", rb"\r\n1\r\n")


def test_a_cell_asks_for_a_line_and_gets_what_is_typed(session):
    terminal = session()
    terminal.send(b"name = input('name? ')\r")
    terminal.expect(rb"\r\nname\? $", PATIENCE)
    terminal.send("Zoë\r".encode())
    terminal.expect(rb"^\S*\r\n(\x1b\S*)?>>> $", PATIENCE)  # its echo, and no empty line
    terminal.type("name", "\r\n'Zoë'\r\n".encode())
    terminal.send(b"import sys; sys.stdin.read()\r")
    terminal.expect(rb"\r\n$", PATIENCE)
    terminal.send(b"one\rtwo\r\x04")
    terminal.expect(rb"'one\\ntwo\\n'", PATIENCE)


def test_ctrl_d_is_the_end_of_a_cells_input_and_not_of_the_session(session):
    terminal = session()
    terminal.send(b"input('? ')\r")
    terminal.expect(rb"\n\? $", PATIENCE)
    terminal.type("\x04", rb"EOFError")
    terminal.send(b"input('? ')\r")
    terminal.expect(rb"\n\? $", PATIENCE)
    terminal.type("again", rb"\r\n'again'\r\n")
    terminal.send(b"\x04")
    assert terminal.wait() == 0 and terminal.is_restored()


def test_ctrl_c_ends_the_waiting_for_input(session):
    terminal = session()
    terminal.send(b"x = 1; input('? ')\r")
    terminal.expect(rb"\n\? $", PATIENCE)
    terminal.send(b"half a line\x03")
    terminal.expect(rb"KeyboardInterrupt", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("x", rb"\r\n1\r\n")


def test_what_is_typed_ahead_is_read_once_by_whoever_comes_first(session):
    terminal = session()
    terminal.send(b"import time; print('begun'); time.sleep(1)\r")
    terminal.expect(rb"\nbegun", PATIENCE)
    terminal.send(b"ahead = 1\r")
    terminal.expect(rb">>> ", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("ahead", rb"\r\n1\r\n")
    terminal.send(b"x = input('? ')\rpasted\rx, 6 * 7\r")
    terminal.expect(rb"\('pasted', 42\)", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("6 * 7", rb"\r\n42\r\n")


def test_a_cell_of_javascript_asks_too(session):
    terminal = session("javascript", prompt=rb"(?<!>)> $")
    terminal.send(b"let got = ''; for await (const piece of process.stdin) got += piece; got\r")
    terminal.expect(rb"\r\n$", PATIENCE)
    terminal.send(b"one\rtwo\r\x04")
    terminal.expect(rb"'one\\ntwo\\n'", PATIENCE)


def test_a_second_ctrl_c_ends_a_kernel_that_is_deaf(session):
    terminal = session()
    deaf = "import signal\\nsignal.signal(2, signal.SIG_IGN)\\nprint('deaf')\\nwhile True: pass"
    terminal.send(f'exec("{deaf}")\r'.encode())
    terminal.expect(rb"\ndeaf", PATIENCE)
    terminal.send(b"\x03")
    terminal.expect(rb"does not heed Ctrl-C", PATIENCE)
    terminal.send(b"\x03")
    terminal.expect(rb"its variables are lost", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    terminal.type("6 * 7", rb"\r\n42\r\n")


def test_what_was_typed_is_remembered(session, kept):
    terminal = session()
    terminal.type("first = 'é'")
    terminal.send(b"\x04")
    assert terminal.wait() == 0
    file = kept.state / "sbx" / "history" / "python"
    assert file.read_text() == "first = 'é'\n" and stat.S_IMODE(file.stat().st_mode) == 0o600
    terminal = session()
    terminal.type("\x10", "first = 'é'".encode())
    terminal.type("first", "'é'".encode())


@pytest.mark.parametrize(
    "language, prompt, assign, x, shown",
    [
        ("javascript", OTHER, "const x = 6 * 7", "x", rb"42"),
        ("typescript", OTHER, "const x: number = 6 * 7", "x", rb"42"),
        ("bash", rb"\$ $", "x=42", "echo is $x", rb"is 42"),
        ("ruby", OTHER, "x = 6 * 7", "x", rb"42"),
        ("php", OTHER, "$x = 6 * 7;", "$x", rb"42"),
        ("lua", OTHER, "x = 6 * 7", "x", rb"42"),
        ("r", OTHER, "x <- 6 * 7", "x", rb"\[1\] 42"),
    ],
)
def test_other_languages(session, language, prompt, assign, x, shown):
    terminal = session(language, prompt=prompt)
    terminal.type(assign)
    terminal.type(x, rb"\r\n" + shown + rb"\r\n")
    terminal.send(b"\x04")
    assert terminal.wait() == 0 and terminal.is_restored()


def test_a_cell_of_ruby_has_many_lines_and_asks_too(session):
    terminal = session("ruby", prompt=OTHER)
    terminal.send(b"def twice(n)\r")
    terminal.expect(rb"\.\.\. ", PATIENCE)
    terminal.send(b"n * 2\r")
    terminal.expect(rb"\.\.\. ", PATIENCE)
    terminal.type("end", rb":twice\r\n")
    terminal.send(b"twice(gets.to_i)\r")
    terminal.expect(rb"\r\n$", PATIENCE)
    terminal.type("21", rb"42\r\n")  # typed before Ruby asks, it is not shown


def test_a_cell_of_r_asks_too(session):
    terminal = session("r", prompt=OTHER)
    terminal.send(b"readline('n? ')\r")
    terminal.expect(rb"\r\nn\? $", PATIENCE)
    terminal.type("Zo\u00eb", '\\[1\\] "Zo\u00eb"'.encode())


def test_a_killed_session_leaves_nothing(session, kept):
    terminal = session()
    terminal.signal(signal.SIGKILL)
    assert terminal.wait() == -9
    assert eventually(lambda: kept.known() == {}, 60)


def test_sigterm_ends_a_session_and_its_sandbox(session, kept):
    terminal = session()
    terminal.send(b"while True: pass\r\r")
    terminal.signal(signal.SIGTERM)
    assert terminal.wait(PATIENCE) == 128 + signal.SIGTERM and terminal.is_restored()
    assert kept.known("-a") == {}


def test_the_end_of_the_sandbox_ends_the_session(session, kept):
    kept.make("--name", "box")
    terminal = session("--sandbox", "box")
    assert kept("rm", "box").code == 0
    terminal.send(b"1\r")
    assert terminal.wait(PATIENCE) == 127
    assert b"sbx: " in terminal.output


def draw(terminal):
    for line in PICTURE.splitlines():
        terminal.send(line.lstrip().encode() + b"\r")
        terminal.expect(rb"\.\.\. ", PATIENCE)
    terminal.type("\x15")
    terminal.send(b"P()\r")


@pytest.mark.parametrize(
    "environment, begin, end",
    [
        ({"TERM": "xterm-kitty"}, rb"\x1b_Gf=100,a=T,m=0;", rb"\x1b\\"),
        ({"TERM_PROGRAM": "iTerm.app"}, rb"\x1b\]1337;File=inline=1;size=\d+:", rb"\x07"),
    ],
    ids=["kitty", "iterm2"],
)
def test_a_picture_is_drawn_where_the_terminal_can(session, environment, begin, end):
    terminal = session(**environment)
    draw(terminal)
    shown = terminal.expect(begin + rb"([A-Za-z0-9+/=]+)" + end, PATIENCE)
    assert base64.b64decode(shown[1]) == PNG


@pytest.mark.parametrize("can", [True, False])
def test_a_terminal_is_asked_whether_it_draws_sixel_when_there_is_something_to_draw(session, tmp_path, can):
    terminal = session("--artifacts", str(tmp_path / "plots"))
    assert b"\x1b[c" not in terminal.output
    draw(terminal)
    terminal.expect(rb"\x1b\[c", PATIENCE)
    terminal.send(b"typed = 'mean" + (b"\x1b[?62;4;22c" if can else b"\x1b[?62;22c"))
    if can:
        terminal.expect(rb'\x1bPq"1;1;1;1#0;2;[0-9;]+#0@\$-\x1b\\\r\n', PATIENCE)
    else:
        terminal.expect(rb"a picture\r\n", PATIENCE)
    assert (tmp_path / "plots").exists() != can
    terminal.type("while'")
    terminal.type("typed", rb"\r\n'meanwhile'\r\n")
    terminal.send(b"P()\r")
    terminal.expect(rb"#0@|a picture", PATIENCE)
    terminal.expect(rb">>> $", PATIENCE)
    assert b"\x1b[c" not in terminal.output  # it is asked once


def test_a_picture_is_saved_and_named_where_the_terminal_cannot(session, tmp_path):
    terminal = session("--artifacts", str(tmp_path / "plots"), TMUX="1", TERM_PROGRAM="iTerm.app")
    draw(terminal)
    terminal.expect(rb"a picture\r\n", PATIENCE)
    terminal.expect(re.escape(os.fsencode(tmp_path / "plots" / "1.png")), PATIENCE)
    assert (tmp_path / "plots" / "1.png").read_bytes() == PNG


def test_without_a_terminal_lines_are_cells(kept):
    code = "x = 6\n\ndef f(n):\n    a = n\n\n    return a * 7\n\nf(x)\nprint('p')\n'last'"
    done = kept("repl", stdin=code.encode(), timeout=PATIENCE)
    assert (done.code, done.out, done.err) == (0, "42\np\n'last'\n", "")
    assert kept.known("-a") == {}


def test_without_a_terminal_lines_are_never_input(kept):
    done = kept("repl", stdin=b"input()\n'a cell'\n", timeout=PATIENCE)
    assert (done.code, done.out) == (1, "") and "EOFError" in done.err


def test_without_a_terminal_a_failure_ends_the_session(kept):
    done = kept("repl", stdin=b"1\n1/0\n2\n", timeout=PATIENCE)
    assert (done.code, done.out) == (1, "1\n") and "ZeroDivisionError" in done.err


@pytest.mark.parametrize(
    "args, code",
    [(["python", "x.py"], 125), (["cobol"], 127), (["c"], 127), (["--sandbox", "nobody"], 127)]
    + [(["--sandbox", "box", "--memory", "1g"], 125), (["--context", "a b"], 125)],
)
def test_what_does_not_fit_is_told(kept, args, code):
    done = kept("repl", *args)
    assert done.code == code and done.err and done.stdout == b""
