"""Every older database reaches the newest form with all its rows, or stays as it is."""

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from provisioning.store import database as module
from provisioning.store.database import database, migrate, open_database
from provisioning.store.tables import TABLES

NAMES = sorted(file.stem for file in module.MIGRATIONS.glob("[0-9]*.py"))

Row = dict[str, object]


def tables() -> list[str]:
    found = database.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name <> 'schema_migration' ORDER BY name"
    )
    return [name for (name,) in found]


def definition(table: str) -> str:
    return database.execute_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()[0]


def rows_of(table: str) -> list[Row]:
    cursor = database.execute_sql(f'SELECT * FROM "{table}" ORDER BY 1')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def form(table: str) -> dict[str, object]:
    """All that a table promises, in a form to compare."""
    info = database.execute_sql(f'PRAGMA table_info("{table}")').fetchall()
    indexes = []
    for _, name, unique, origin, partial in database.execute_sql(f'PRAGMA index_list("{table}")'):
        columns = database.execute_sql(f'PRAGMA index_info("{name}")').fetchall()
        indexes.append((tuple(column[2] for column in columns), unique, origin, partial))
    keys = database.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
    checks = re.findall(r"CHECK \((.*?)\)(?=[,)]|\s+REFERENCES|$)", definition(table) + ")")
    return {
        "columns": sorted(row[1:] for row in info),
        "indexes": sorted(indexes),
        "foreign keys": sorted(key[2:] for key in keys),
        "checks": sorted(re.sub(r"\s+", " ", check) for check in checks),
    }


def fill(table: str) -> None:
    """Insert a row with a value in every column, whatever columns there are."""
    if rows_of(table):
        return
    parents = {}
    for _, _, parent, column, target, *_ in database.execute_sql(
        f'PRAGMA foreign_key_list("{table}")'
    ):
        fill(parent)
        parents[column] = rows_of(parent)[0][target]
    row: Row = {}
    for _, column, kind, *_ in database.execute_sql(f'PRAGMA table_info("{table}")'):
        allowed = re.search(rf'\b{column}"? IN \(([^)]*)\)', definition(table))
        if column in parents:
            row[column] = parents[column]
        elif allowed:
            row[column] = allowed.group(1).split(",")[0].strip("' ")
        elif kind.startswith(("VARCHAR", "TEXT")):
            row[column] = f"{table}-{column}"
        elif kind.startswith("JSON"):
            row[column] = '{"name": "value"}'
        else:
            row[column] = 1
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    database.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))


@pytest.mark.parametrize("name", NAMES)
def test_an_older_database_keeps_all_its_rows(file, name):
    migrate(name)
    for table in tables():
        fill(table)
    before = {table: rows_of(table) for table in tables()}
    assert all(before.values())

    applied = migrate()

    assert applied == NAMES[NAMES.index(name) + 1 :]
    for table, rows in before.items():
        kept = [{column: row[column] for column in old} for row, old in
                zip(rows_of(table), rows, strict=True)]  # fmt: skip
        assert kept == rows
    assert database.execute_sql("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)


def test_migrating_makes_the_tables_that_the_program_uses(store, tmp_path):
    migrated = {table: form(table) for table in tables()}
    open_database(tmp_path / "created.sqlite")
    database.create_tables(TABLES)

    created = {table: form(table) for table in tables()}

    assert migrated == created
    assert migrated["token"]["foreign keys"]
    assert migrated["token"]["checks"]


def test_migrating_again_does_nothing(store):
    assert migrate() == []


def test_the_rows_that_always_exist_do(store):
    assert [row["id"] for row in rows_of("configuration")] == [1]
    assert rows_of("defaults") == [{"id": 1, "differences": "{}"}]


@pytest.mark.parametrize(
    "failing",
    [
        "raise RuntimeError('refused')",
        "db.execute_sql('INSERT INTO missing VALUES (1)')",
        "db.execute_sql('DROP TABLE phone'); raise RuntimeError('refused')",
    ],
)
def test_a_failing_migration_leaves_everything_as_it_was(store, monkeypatch, tmp_path, failing):
    for table in tables():
        fill(table)
    before = {table: (form(table), rows_of(table)) for table in tables()}
    folder = tmp_path / "migrations"
    shutil.copytree(module.MIGRATIONS, folder)
    (folder / "9000_good.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE extra (id INTEGER)')\n"
    )
    (folder / "9001_failing.py").write_text(
        "from peewee import IntegerField\n"
        "def up(migrator, db):\n"
        "    migrator.migrate(migrator.add_column('phone', 'extra', IntegerField(default=0)))\n"
        "    db.execute_sql('DELETE FROM token')\n"
        f"    {failing}\n"
    )
    monkeypatch.setattr(module, "MIGRATIONS", folder)

    with pytest.raises(Exception, match=r"refused|no such table"):
        migrate()

    assert "extra" in tables()  # the good one before it stays
    database.execute_sql("DROP TABLE extra")
    assert {table: (form(table), rows_of(table)) for table in tables()} == before
    (folder / "9001_failing.py").unlink()
    assert migrate() == []


def test_adding_a_column_keeps_the_rows_below(store, monkeypatch, tmp_path):
    """SQLite rebuilds the table for it, and dropping the old one deleted its children."""
    for table in tables():
        fill(table)
    before = rows_of("token"), rows_of("contact")
    folder = tmp_path / "migrations"
    shutil.copytree(module.MIGRATIONS, folder)
    (folder / "9000_rebuild.py").write_text(
        "from peewee import IntegerField\n"
        "def up(migrator, db):\n"
        "    migrator.migrate(migrator.add_column('phone', 'extra', IntegerField(default=0)))\n"
    )
    monkeypatch.setattr(module, "MIGRATIONS", folder)

    assert migrate() == ["9000_rebuild"]

    assert (rows_of("token"), rows_of("contact")) == before


def test_rows_without_parents_are_told_and_not_passed_over(store, monkeypatch, tmp_path):
    fill("token")
    folder = tmp_path / "migrations"
    shutil.copytree(module.MIGRATIONS, folder)
    (folder / "9000_careless.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('DELETE FROM phone')\n"
    )
    monkeypatch.setattr(module, "MIGRATIONS", folder)

    with pytest.raises(RuntimeError, match="without their parents"):
        migrate()


def test_the_numbers_of_migrations_are_all_different():
    numbers = [int(name.partition("_")[0]) for name in NAMES]

    assert numbers == list(range(1, len(NAMES) + 1))


def test_a_power_cut_loses_nothing_that_was_confirmed(store: Path):
    """What the promise rests on: every commit reaches the disk before it is answered."""
    assert database.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute_sql("PRAGMA synchronous").fetchone() == (2,)
    with sqlite3.connect(store) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
