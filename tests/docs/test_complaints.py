"""What became of the complaints: nothing is left out, and every name is of something."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from generate import DOCS

ROOT = Path(DOCS).parent
PAGE = Path(DOCS) / "developer" / "complaints.md"
TESTS, PACKAGE = ROOT / "tests", ROOT / "api" / "provisioning"
WORDS = ("test", "feature", "open", "not ours")


def rows(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    section = (
        PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    )
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[1:]]


THREADS, DEFECTS = rows("Threads"), rows("Defects of today's pages")
ROWS = [*THREADS, *DEFECTS]


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def names() -> list[str]:
    return [name for row in ROWS for name in re.findall(r"`([^`]+)`", row[-1])]


@pytest.mark.parametrize(("table", "count"), [(THREADS, 42), (DEFECTS, 25)])
def test_every_number_is_there_once_and_in_order(table, count):
    assert [row[0] for row in table] == [str(number) for number in range(1, count + 1)]


def test_all_rows_are_as_wide_as_their_table():
    assert {len(row) for row in THREADS} == {5}
    assert {len(row) for row in DEFECTS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{len(row)}-{row[0]}")
def test_a_row_says_what_it_became_in_one_of_the_words(row):
    became, where = row[-2:]
    assert became.startswith(WORDS)
    assert not became.startswith("open") or "(" in became, "what will answer it?"
    assert not became.startswith("test") or "::" in where, "which test?"
    assert not became.startswith(("feature", "not ours")) or "`" in where, "which module?"


@pytest.mark.parametrize("name", sorted({name for name in names() if "::" in name}))
def test_a_test_that_is_named_exists(name):
    file, _, function = name.partition("::")
    assert function in functions_of(file)


@pytest.mark.parametrize("name", sorted({name for name in names() if "::" not in name}))
def test_a_module_that_is_named_exists(name):
    assert (PACKAGE / name).exists()
