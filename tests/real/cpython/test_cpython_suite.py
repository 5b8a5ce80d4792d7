"""CPython's own tests pass in a sandbox under the default profile.

A case that fails must be listed in expected_failures.md, with the setting that causes it; a listed case that passes
must be taken off the list.
"""

import pathlib
import re
import xml.etree.ElementTree

import pytest

HERE = pathlib.Path(__file__).parent
MODULES = [
    "test_multiprocessing_fork", "test_asyncio", "test_ssl", "test_signal", "test_io", "test_socket",
    "test_subprocess", "test_selectors", "test_threading", "test_zipfile", "test_json", "test_os", "test_posix",
    "test_tempfile", "test_mmap", "test_fcntl", "test_pty", "test_shutil", "test_dbm", "test_epoll", "test_resource",
    "test_zoneinfo",
]
# The report goes to stdout, and the suite's own words to stderr.
SCRIPT = "python3 -m test --verbose2 --junit-xml=/tmp/report.xml {} >&2; cat /tmp/report.xml"
LEAST_PASSED = 0.95


def expected_failures():
    """{case: cause} from the table."""
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", (HERE / "expected_failures.md").read_text(), re.MULTILINE)
    return dict(rows)


def names(cases):
    return {case.get("name") for case in cases}


def has(case, outcome):
    return case.find(outcome) is not None


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_cpythons_suite_passes(sbx, cpython_image, module):
    done = sbx.run("--image", cpython_image, "--timeout", "10m", "--", "sh", "-c", SCRIPT.format(module))
    log = done.stderr.decode(errors="replace")[-4000:]
    assert done.stdout, log
    cases = xml.etree.ElementTree.fromstring(done.stdout).findall(".//testcase")
    failed = names(case for case in cases if has(case, "failure") or has(case, "error"))
    passed = names(case for case in cases if not has(case, "skipped")) - failed
    listed = expected_failures().keys()
    print(f"{module}: {len(cases)} cases, {len(passed)} passed, {len(failed)} failed")
    assert failed <= listed, log
    assert not passed & listed, "a case listed in expected_failures.md passes"
    assert len(passed) >= LEAST_PASSED * len(passed | failed) > 0
