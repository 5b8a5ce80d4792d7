"""A shell on a terminal, in a new sandbox or in one that stays."""

import pytest

from terminal import Terminal


@pytest.fixture
def shell(kept):
    opened = []

    def start(*args):
        opened.append(Terminal(kept.command("shell", *args), kept.environment()))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_shell_in_a_new_sandbox(shell, kept):
    terminal = shell("--lang", "bash", "-e", "A=here")
    terminal.expect(rb"[$#] ")
    terminal.send(b"echo $A $((6*7)) $BASH_VERSION\r")
    terminal.expect(rb"here 42 5\.")
    terminal.send(b"exit 3\r")
    assert terminal.wait() == 3 and terminal.is_restored()
    assert kept.known() == {}


def test_a_shell_in_a_sandbox_that_stays(shell, kept):
    kept.make("--name", "box")
    terminal = shell("box")
    terminal.expect(rb"[$#] ")
    terminal.send(b"echo left > file; exit\r")
    assert terminal.wait() == 0
    assert kept("exec", "box", "cat", "file").out == "left\n"


@pytest.mark.parametrize("script, code", [(b"echo $((6 * 7)); (exit 5)\n", 5), (b"test -t 0 || echo 42", 0)])
def test_lines_that_come_through_a_pipe_are_run_to_their_end(kept, script, code):
    for place in ([], [kept.make()]):
        done = kept("shell", *place, stdin=script)
        assert (done.code, done.stdout, done.stderr) == (code, b"42\n", b"")


@pytest.mark.parametrize("args, code", [(["nobody"], 127), (["a", "b"], 125), (["--memory", "1g", "box"], 125)])
def test_what_does_not_fit_is_told(kept, args, code):
    done = kept("shell", *args)
    assert done.code == code and done.err
