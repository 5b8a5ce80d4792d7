"""A C and a C++ program of a few hundred lines compile and run; so do their failures reach the caller."""

import pathlib

PROGRAMS = pathlib.Path(__file__).parent / "programs"
CALCULATOR = PROGRAMS / "calculator.c"
WAREHOUSE = PROGRAMS / "warehouse.cpp"

WAREHOUSE_OUTPUT = """\
C++ 202002, arguments: "one" "two words"
ok      the table agrees with std::map after 20000 operations
ok      the cache forgets what was used longest ago
ok      a matrix times its inverse is the identity
ok      a singular matrix has no inverse
ok      eight threads add up 64000 numbers
ok      a task's exception reaches who waits for it
ok      the journal is applied line by line
ok      nothing leaves that is not there
ok      a wrong line is refused
ok      a number too large is refused
ok      the journal is on disk
0 failures
"""


def test_a_c_program_passes_its_own_tests(sbx):
    sbx.expect("15 tests, 0 failures\n", CALCULATOR)


def test_a_c_program_reads_a_program_from_standard_input(sbx):
    program = b"""
        def factorial(n) if (n <= 1) 1; else n * factorial(n - 1);
        n = 0;
        while (n < 5) { n = n + 1; print factorial(n * 2); }
    """
    sbx.expect("2\n24\n720\n40320\n3628800\n", CALCULATOR, "-", stdin=program)


def test_a_c_program_reads_a_file_beside_it(sbx, tmp_path):
    (tmp_path / "half.calc").write_text("print 1 / 2; print 1 / 0;")
    sbx.expect("0.5\nline 1: division by zero\n", "--file=half.calc", CALCULATOR, "half.calc",
               cwd=tmp_path, exit_code=65)


def test_a_cpp_program_passes_its_own_tests(sbx):
    sbx.expect(WAREHOUSE_OUTPUT, WAREHOUSE, "one", "two words")


def test_a_compiler_names_the_users_own_file(sbx, tmp_path):
    source = tmp_path / "half done.cpp"
    source.write_text("int main()\n{\n    retrun 0;\n}\n")
    done = sbx.run(source)
    assert done.returncode == 1
    assert done.stdout == b""
    assert "half done.cpp:3:5: error: 'retrun' was not declared" in done.stderr.decode().replace("‘", "'").replace("’", "'")
