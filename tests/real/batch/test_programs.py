"""Each of ten small tasks, written in many languages, has the same output whatever the language."""

import base64
import pathlib

from jobs import assert_passed, batch

PROGRAMS = pathlib.Path(__file__).parent / "programs"
TASKS = 10
COUNT = 144
# What these read is what `fasta` prints.
READERS = {"k_nucleotide", "regex", "reverse_complement"}
FASTA = PROGRAMS / "fasta" / "expected.txt"


def expected(task):
    [file] = (PROGRAMS / task).glob("expected.*")
    return file


def job_of(program):
    task = program.stem
    job = {"id": program.name, "file": str(program), "expected_stdout": {"file": str(expected(task))},
           "limits": {"timeout": "5m", "compile_timeout": "5m"}}  # fmt: skip
    return {**job, "stdin": {"file": str(FASTA)}} if task in READERS else job


def test_programs_of_many_languages_agree(sbx):
    programs = [program for program in sorted(PROGRAMS.glob("*/*")) if program.stem == program.parent.name]
    assert len({program.stem for program in programs}) == TASKS
    assert len(programs) == COUNT

    results, code = batch(sbx, [job_of(program) for program in programs])
    assert_passed(results)
    assert code == 0

    pictures = [each["stdout_base64"] for name, each in results.items() if name.startswith("mandelbrot.")]
    assert {base64.b64decode(picture) for picture in pictures} == {expected("mandelbrot").read_bytes()}
