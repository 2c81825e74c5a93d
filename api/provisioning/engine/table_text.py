"""The text of a table file: which character set, which separator, and where a mistake stands."""

import codecs
import csv
import io

from provisioning.engine.table_errors import CellError, TableRefused

_SEPARATORS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = (
    'UTF-8: in Excel save as "CSV UTF-8 (comma delimited)", in LibreOffice save as "Text CSV" '
    'with the character set "Unicode (UTF-8)"'
)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, without its byte order mark.

    Raises:
        TableRefused: empty, or of another character set; it tells where.
    """
    if not data.strip():
        raise TableRefused(
            CellError(None, "", "", "The file is empty.", "a header line, and rows below it")
        )
    if _is_utf16(data):
        raise TableRefused(CellError(None, "", "", "The file is in UTF-16.", _SAVE_AS))
    content = data.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode()
    except UnicodeDecodeError as mistake:
        row, column = _place_after(content[: mistake.start].decode())
        position = len(data) - len(content) + mistake.start + 1
        byte = f"0x{content[mistake.start]:02X}"
        detail = f"The file is not in UTF-8: its byte {position:,} is {byte}."
        raise TableRefused(CellError(row, column, "", detail, _SAVE_AS)) from None


def separator_of(text: str) -> str:
    """What separates the cells, by the header line: names of columns never hold a separator."""
    line = io.StringIO(text, newline="").readline()

    def columns(separator: str) -> int:
        try:
            return len(next(csv.reader([line], delimiter=separator), []))
        except csv.Error:  # a cell that is too long: reading the table tells where
            return 0

    return max(_SEPARATORS, key=columns)


def column_letters(position: int) -> str:
    """How a spreadsheet program names a column: A for the first, AA for the 27th."""
    letters = ""
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_name(header: list[str], position: int) -> str:
    """A column as an error names it: as its header says, else by its letters.

    Args:
        header: the cells of the header line.
        position: from 1.
    """
    written = header[position - 1].strip() if position <= len(header) else ""
    return written or column_letters(position)


def _is_utf16(data: bytes) -> bool:
    """Whether a mark says so, or every other byte of the first ones is zero."""
    halves = (data[0:8:2], data[1:8:2])
    return data.startswith(_UTF16) or (len(data) > 1 and not all(any(half) for half in halves))


def _place_after(text: str) -> tuple[int | None, str]:
    """Row and column of the character that follows a text from the beginning of a file."""
    header: list[str] = []
    cells: list[str] = []
    number = 0
    records = csv.reader(io.StringIO(text + "?", newline=""), delimiter=separator_of(text))
    try:
        for cells in records:
            number += 1
            header = header or cells
    except csv.Error:  # the byte's position tells enough
        return None, ""
    return number, column_name(header if number > 1 else [], len(cells))
