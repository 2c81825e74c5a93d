"""Tables as files: CSV as spreadsheet programs write it, read strictly and written to be read back.

The text is UTF-8, with or without a byte order mark; comma, semicolon or tab separate the cells (a
spreadsheet program writes what its language wants). A cell that such a program would run as a
formula is refused: whoever opens the file later would run it. An apostrophe before it makes it
plain text; :func:`write_table` writes that apostrophe, so that what was written is read back.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.table_columns import Columns
from provisioning.engine.table_errors import CellError, CellErrors, TableRefused
from provisioning.engine.table_text import column_letters, column_name, decoded, separator_of
from provisioning.engine.values import shown

MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
"""Without the header line and empty ones."""
MAX_COLUMNS = 1_000
MAX_CELL = 131_072
"""Characters; what Python's ``csv`` takes. A quote that never closes swallows as much."""

_FORMULA = ("=", "@", "\t", "\r", "+", "-")
# Signed numbers, phone numbers, a lone sign: nothing in them can be run.
_SIGNED_NUMBER = re.compile(r"[+-][0-9 ().,/-]*")
_FORMULA_ALLOWED = "text that begins otherwise, or an apostrophe (') before it"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has cells."""

    number: int
    """As a spreadsheet program counts: the header line is row 1, empty rows count."""
    cells: Mapping[str, str]
    """By column, without the empty ones."""

    def __getitem__(self, column: str) -> str:
        """A cell; empty where the row has none, or the table no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read as a table."""

    columns: tuple[str, ...]
    """In the order of the file."""
    rows: tuple[Row, ...]
    """Those that can be read; of one with an error all the cells that are right."""
    errors: CellErrors


def read_table(data: bytes, columns: Columns) -> Table:
    """Read a file.

    Args:
        data: its bytes.
        columns: which columns there may be.

    Raises:
        TableRefused: too large, of another character set, without a header line, with columns that
            there are not, or with a quote that never closes; it tells where.
    """
    if len(data) > MAX_BYTES:
        raise _too_much(f"{len(data):,} bytes", f"{MAX_BYTES:,} bytes")
    text = decoded(data)
    records = _records(text)
    _, header = next(records, (1, []))
    names = _names(header, columns)
    errors = CellErrors()
    rows: list[Row] = []
    filled = ((number, cells) for number, cells in records if any(cells))
    for count, (number, cells) in enumerate(filled, start=1):
        if count > MAX_ROWS:
            raise _too_much(f"more than {MAX_ROWS:,} rows", f"{MAX_ROWS:,} rows")
        # What is wrong with the other cells is told too: nobody corrects a table ten times.
        if (values := _values(number, cells, names, errors, columns)) is not None:
            rows.append(Row(number, values))
    return Table(tuple(filter(None, names)), tuple(rows), errors)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A file that spreadsheet programs open and :func:`read_table` reads back.

    Args:
        columns: the names of the columns.
        rows: their cells; a row whose cells are all empty is no row when it is read.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_escaped(cell) for cell in row] for row in rows)
    # Without the mark Excel takes the file for one in the machine's own character set.
    return codecs.BOM_UTF8 + written.getvalue().encode()


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a file with their numbers, header and empty ones too."""
    separator = separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number, lines = 1, 0
    try:
        for cells in reader:
            yield number, cells
            number, lines = number + 1, reader.line_num
    except csv.Error:
        raise _misquoted(number, text, lines, separator) from None


def _misquoted(number: int, text: str, lines: int, separator: str) -> TableRefused:
    """What is wrong with a record that ``csv`` refused, and in which column.

    Args:
        number: of the record.
        text: the whole file.
        lines: how many lines precede the record.
        separator: between cells.
    """
    source = io.StringIO(text, newline="")
    before = sum(len(source.readline()) for _ in range(lines))
    quoted = '"[^"]*(?:""[^"]*)*"'
    whole_cell = re.compile(rf'(?:{quoted}|[^"{separator}\r\n][^{separator}\r\n]*)?{separator}')
    position, column = before, 1
    while cell := whole_cell.match(text, position):
        if cell.end() - position > MAX_CELL:
            break
        position, column = cell.end(), column + 1
    header: list[str] = []
    if number > 1:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    closed = re.compile(quoted).match(text, position)
    if text[position : position + 1] == '"' and not closed:
        detail, allowed = "The quote that opens this cell never closes.", 'a second " at its end'
    elif closed and closed.end() - position <= MAX_CELL:
        detail = "The quotes of this cell do not pair: text follows the second one."
        allowed = 'one quote at each end, quotes inside as ""'
    else:
        detail, allowed = "The cell is too long.", f"at most {MAX_CELL:,} characters"
    return TableRefused(CellError(number, column_name(header, column), "", detail, allowed))


def _names(header: Sequence[str], columns: Columns) -> list[str]:
    """The columns by position; empty for one without a name.

    Raises:
        TableRefused: with every mistake of the header line.
    """
    if not any(header):
        detail = "The first row is empty; it must name the columns."
        raise TableRefused(CellError(1, "", "", detail, columns.in_words))
    if len(header) > MAX_COLUMNS:
        raise _too_much(f"{len(header):,} columns", f"{MAX_COLUMNS:,} columns")
    mistakes: list[CellError] = []
    names: list[str] = []
    for position, written in enumerate(header, start=1):
        name = columns.find(written) if written.strip() else ""
        if name is None:
            told = shown(written.strip())
            detail = f'There is no column "{told}" (column {column_letters(position)}).'
            mistakes.append(CellError(1, told, told, detail, columns.in_words))
        elif name and name in names:
            pair = (column_letters(names.index(name) + 1), column_letters(position))
            detail = f'The column "{shown(name)}" stands there twice, as {" and ".join(pair)}.'
            mistakes.append(CellError(1, shown(name), shown(written), detail, "each column once"))
        names.append(name or "")
    for missing in (name for name in columns.required if name not in names):
        detail = f'The column "{missing}" is missing.'
        mistakes.append(CellError(1, missing, "", detail, columns.in_words))
    if mistakes:
        raise TableRefused(*mistakes)
    return names


def _values(
    number: int, cells: Sequence[str], names: Sequence[str], errors: CellErrors, columns: Columns
) -> dict[str, str] | None:
    """The cells of a row by column, without the apostrophes that make them plain text.

    Returns:
        Those that can be read; None if nothing tells which cell belongs to which column.
    """
    values: dict[str, str] = {}
    for position, cell in enumerate(cells, start=1):
        if position > len(names):
            detail = f"The row has {len(cells)} cells, the header line {len(names)}."
            allowed = "as many cells; text with a separator in it belongs in quotes"
            # What stands there is not told: a password may have been pushed out of its column.
            errors.add(number, column_letters(position), "", detail, allowed)
            return None
        if not cell:
            continue
        name = names[position - 1]
        if not name:
            detail = "The cell stands in a column without a name."
            errors.add(number, column_letters(position), "", detail, "a name in row 1")
        elif wrong := _wrong(cell):
            errors.add(number, name, "" if columns.is_secret(name) else cell, *wrong)
            errors.close(number, name)
        else:
            values[name] = cell[1:] if _is_made_plain(cell) else cell
    return values


def _wrong(cell: str) -> tuple[str, str] | None:
    """Why no cell may be like this, and what it may be."""
    if "\0" in cell:
        return "The cell has a NUL character.", "text without control characters"
    if _is_formula(cell):
        return "A spreadsheet program would run this cell as a formula.", _FORMULA_ALLOWED
    return None


def _is_formula(cell: str) -> bool:
    return cell[:1] in _FORMULA and not _SIGNED_NUMBER.fullmatch(cell)


def _is_made_plain(cell: str) -> bool:
    """Whether the cell begins with an apostrophe that is not part of its text.

    Before a lone hyphen it is: ``'-`` is how importers are told that no more than a hyphen is
    meant, where ``-`` has a meaning of its own.
    """
    text = cell.lstrip("'")
    return len(text) < len(cell) and text[:1] in _FORMULA and text not in ("", "-")


def _escaped(cell: str) -> str:
    return f"'{cell}" if _is_formula(cell) or _is_made_plain(cell) else cell


def _too_much(has: str, most: str) -> TableRefused:
    return TableRefused(
        CellError(None, "", "", f"The file has {has}.", f"at most {most}; split the file")
    )
