"""Sandboxes that stay, of one test's own state directory."""

from pathlib import Path

from runner import Sbx, eventually


class Kept(Sbx):
    """sbx with a state of its own. `make` creates a sandbox and gives its id."""

    def __init__(self, *args):
        super().__init__(*args)
        self.started = []

    def start(self, *args, **options):
        self.started.append(super().start(*args, **options))
        return self.started[-1]

    def make(self, *args):
        done = self("create", "--json", *args)
        assert done.code == 0, done
        return done.json["id"]

    def known(self, *args):
        """What `ps` shows of this state's own sandboxes, by id."""
        done = self("ps", "--json", "--filter", "kind=sandbox", *args)
        assert done.code == 0, done
        return {each["id"]: each for each in done.json}

    def record(self, sandbox):
        return self("inspect", "--json", sandbox).json[0]

    def keepers(self, sandbox=""):
        """Process ids of keepers that work for this state directory."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                state = f"XDG_STATE_HOME={self.state}".encode() in (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if state and len(words) > 2 and words[1] == b"__keeper" and words[2].startswith(sandbox.encode()):
                found.append(int(process.name))
        return found

    def end_all(self):
        for process in self.started:
            with process:
                process.kill()
        ids = self("ps", "-aq", "--filter", "kind=sandbox").out.split()
        mine = [each for each in ids if (self.state / "sbx" / "sandboxes" / each).exists()]
        if mine:
            self("rm", *mine)
        assert eventually(lambda: not self.keepers(), 10), self.keepers()
