"""A worker as a process of its own, with kinds of operations whose effects can be counted.

Usage: python killable_worker.py DATABASE FOLDER. It prints a line when it begins.
"""

import os
import sys
from pathlib import Path

from provisioning.jobs.kinds import Handler
from provisioning.jobs.worker import Worker
from provisioning.store.database import database, open_database

LEASE_SECONDS = 0.4


def write_row(subject, parameters):
    database.execute_sql("INSERT INTO effect (subject) VALUES (?)", (subject,))


def append_line(file: Path):
    def work(subject, parameters):
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, f"{subject}\n".encode())
        finally:
            os.close(descriptor)

    return work


def main() -> None:
    file, folder = map(Path, sys.argv[1:])
    open_database(file)
    handlers = {
        "exactly_once": Handler(write_row, in_transaction=True),
        "at_least_once": Handler(append_line(folder / "at_least_once")),
        "at_most_once": Handler(append_line(folder / "at_most_once"), repeatable=False),
    }
    print("begins", flush=True)  # noqa: T201
    Worker(handlers, lease_seconds=LEASE_SECONDS).run()


if __name__ == "__main__":
    main()
