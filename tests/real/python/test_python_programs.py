"""Python programs that lean on the platform give the output they should."""

import pathlib

PROGRAMS = pathlib.Path(__file__).parent / "programs"

LEDGER_OUTPUT = """\
journal mode: wal
workers: 0 1 2 3
cash 200 249 125
sales 200 -249 -124
balance: 0
refunds: 40
running: 100 201 303
json: ('c',)
CHECK constraint failed: kind in ('asset', 'income')
FOREIGN KEY constraint failed
backup: 400 ok
interrupted
files: ledger.db
"""


def test_sqlite_serves_several_processes(sbx):
    sbx.expect(LEDGER_OUTPUT, PROGRAMS / "ledger.py")
