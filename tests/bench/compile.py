#!/usr/bin/env python3
"""How long a program takes that has to be compiled first, with all of this machine's cores, in the same run, interleaved:

  phases             its compile and its run phase alone, in a standby sandbox, by the events of `sbx run --ndjson`
  sbx run, standby   the whole process, from a standby sandbox
  host               the host's own compiler and the program that it made

usage: compile.py [--rounds N] [--json] [c|cpp|go|rust|java]
SBX names the binary; the compilers are those of PATH, their versions are printed
"""

import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import peers
import standby_run


class Language(NamedTuple):
    file: str
    code: str
    compile: str  # as sbx does it; {file}, {folder}
    run: str
    version: str


LANGUAGES = {
    "c": Language(
        "main.c", '#include <stdio.h>\nint main() { puts("1"); }\n',
        "gcc -O2 -o {folder}/program -x c {file} -x none -lm", "{folder}/program", "gcc --version",
    ),
    "cpp": Language(
        "main.cpp", '#include <iostream>\nint main() { std::cout << "1\\n"; }\n',
        "g++ -std=gnu++20 -O2 -o {folder}/program -x c++ {file}", "{folder}/program", "g++ --version",
    ),
    "go": Language(
        "main.go", 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("1") }\n',
        "go build -o {folder}/program {file}", "{folder}/program", "go version",
    ),
    "rust": Language(
        "main.rs", 'fn main() { println!("1"); }\n',
        "rustc --edition 2021 -O -C strip=debuginfo --crate-name main -o {folder}/program {file}", "{folder}/program",
        "rustc --version",
    ),
    "java": Language(
        "Main.java", 'class Main { public static void main(String[] a) { System.out.println("1"); } }\n',
        "javac -d {folder} {file}", "java -cp {folder} Main", "javac --version",
    ),
}  # fmt: skip


def on_host(language, folder, script):
    """Each time another source, and nothing of the one before: a compiler with a cache would have nothing to do."""
    numbers = itertools.count()
    places = {"file": str(script), "folder": str(folder)}
    compilation, run = (
        [word.format(**places) for word in words.split()] for words in (language.compile, language.run)
    )

    def once():
        script.write_text(f"{language.code}// {next(numbers)}\n")
        (folder / "program").unlink(missing_ok=True)
        begin = time.perf_counter()
        subprocess.run(compilation, check=True)
        standby_run.timed(run)
        return time.perf_counter() - begin

    return once


def measure(name, rounds, folder):
    language = LANGUAGES[name]
    script = folder / language.file
    script.write_text(language.code)
    standby = standby_run.StandbyRuns(name, folder, script, ("--cpus", str(os.cpu_count())))
    standby.check_path()
    runs = {"phases": standby.run_phases, "sbx run, standby": standby.run, "host": on_host(language, folder, script)}
    times = peers.measure(runs, rounds, lambda: time.sleep(0.5))  # the engine still removes the last one
    standby.close()
    return times


if __name__ == "__main__":
    arguments = peers.read_arguments(__doc__, rounds=20, languages=list(LANGUAGES))
    chosen = LANGUAGES[arguments.language]
    if not shutil.which(chosen.compile.split()[0]):
        sys.exit(f"there is no {chosen.compile.split()[0]} here to compare with")
    if not arguments.json:
        print(subprocess.check_output(chosen.version.split(), text=True).splitlines()[0])
    with tempfile.TemporaryDirectory() as directory:
        peers.show(measure(arguments.language, arguments.rounds, pathlib.Path(directory)), arguments.json)
