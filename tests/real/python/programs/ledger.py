"""A ledger in SQLite: journal modes, transactions, several processes, functions of our own, search, backup."""

import concurrent.futures
import decimal
import json
import os
import sqlite3
import sys
import threading

PATH = "ledger.db"


def connect():
    connection = sqlite3.connect(PATH, timeout=30)
    connection.execute("pragma foreign_keys = on")
    return connection


def create():
    with connect() as ledger:
        (mode,) = ledger.execute("pragma journal_mode = wal").fetchone()
        ledger.executescript("""
            create table account (name text primary key, kind text check (kind in ('asset', 'income')));
            create table entry (id integer primary key, account text references account, cents integer, note text);
            create index entry_account on entry (account);
            create virtual table notes using fts5 (note, content = 'entry', content_rowid = 'id');
            create trigger entry_added after insert on entry begin
                insert into notes (rowid, note) values (new.id, new.note);
            end;
            insert into account values ('cash', 'asset'), ('sales', 'income');
        """)
    print("journal mode:", mode)


def sell(worker):
    """Books fifty sales, each two entries in one transaction."""
    ledger = connect()
    for n in range(50):
        with ledger:
            ledger.execute("begin immediate")
            note = f"sale {n} by worker {worker}, {'refunded' if n % 10 == 9 else 'paid'}"
            ledger.executemany("insert into entry (account, cents, note) values (?, ?, ?)",
                               [("cash", 100 + n, note), ("sales", -100 - n, note)])
    ledger.close()
    return worker


class Median:
    def __init__(self):
        self.values = []

    def step(self, value):
        self.values.append(value)

    def finalize(self):
        return sorted(self.values)[len(self.values) // 2]


def refused(action, error):
    try:
        action()
    except error as reason:
        return str(reason)
    return "not refused"


def report(ledger):
    ledger.create_aggregate("median", 1, Median)
    ledger.create_function("euro", 1, lambda cents: str(decimal.Decimal(cents) / 100), deterministic=True)
    for row in ledger.execute("select account, count(*), euro(sum(cents)), median(cents) from entry group by account"):
        print(*row)
    print("balance:", *ledger.execute("select sum(cents) from entry").fetchone())
    print("refunds:", *ledger.execute("select count(*) from notes where notes match 'refunded AND worker'").fetchone())
    print("running:", *(total for (total,) in ledger.execute(
        "select sum(cents) over (order by id) from entry where account = 'cash' and note like '%worker 2,%' limit 3")))
    print("json:", ledger.execute("select json_extract(?, '$.a[1].b')", [json.dumps({"a": [0, {"b": "c"}]})]).fetchone())


def main():
    create()
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        print("workers:", *pool.map(sell, range(4)))
    ledger = connect()
    report(ledger)
    print(refused(lambda: ledger.execute("insert into account values ('x', 'debt')"), sqlite3.IntegrityError))
    print(refused(lambda: ledger.execute("insert into entry (account) values ('nobody')"), sqlite3.IntegrityError))
    ledger.rollback()
    copy = sqlite3.connect(":memory:")
    ledger.backup(copy)
    print("backup:", *copy.execute("select count(*) from entry").fetchone(), *copy.execute("pragma integrity_check").fetchone())
    timer = threading.Timer(0.2, ledger.interrupt)
    timer.start()
    endless = "with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) from n"
    print(refused(lambda: ledger.execute(endless).fetchone(), sqlite3.OperationalError))
    timer.join()
    ledger.close()
    print("files:", *sorted(name for name in os.listdir() if name.startswith(PATH)))


if __name__ == "__main__":
    sys.exit(main())
