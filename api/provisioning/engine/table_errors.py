"""What is wrong with a table, by row and column, as a spreadsheet program counts them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provisioning.engine.values import shown

MAX_ERRORS = 1_000
"""So many are told; of the others only how many there are."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell, a row or a file was refused, or a warning about it."""

    row: int | None
    """The header line is row 1; None: the file as a whole."""
    column: str
    """Its name, or its letter where it has none; empty: the row as a whole."""
    value: str
    """What stands there, printable and cut; empty for a secret."""
    detail: str
    """A sentence."""
    allowed: str = ""
    """What may stand there, in words."""


class TableRefused(ValueError):
    """A file that cannot be read as a table at all."""

    def __init__(self, *errors: CellError):
        super().__init__(" ".join(error.detail for error in errors))
        self.errors = errors


class CellErrors:
    """Errors as they are found: the first ones are kept, all are counted."""

    def __init__(self) -> None:
        self._kept: list[CellError] = []
        self._rows: set[int] = set()
        self._closed: set[tuple[int, str]] = set()
        self._total = 0

    def add(
        self,
        row: int | None,
        column: str,
        value: str,
        detail: str,
        allowed: str | Callable[[], str] = "",
    ) -> None:
        """Note an error.

        Args:
            row: its row; None: the file as a whole.
            column: its column; empty: the row as a whole.
            value: what stands there; like the column it is cut and made printable. Empty for a
                secret.
            detail: a sentence.
            allowed: what may stand there. What is costly to find out is asked only if it is told.
        """
        if row is not None and (row, column) in self._closed:
            return
        self._total += 1
        if row is not None:
            self._rows.add(row)
        if len(self._kept) < MAX_ERRORS:
            told = allowed if isinstance(allowed, str) else allowed()
            self._kept.append(CellError(row, shown(column), shown(value), detail, told))

    def close(self, row: int, column: str) -> None:
        """Take nothing more about a cell: whatever is missing there is what was refused."""
        self._closed.add((row, column))

    def __len__(self) -> int:
        return self._total

    def __iter__(self) -> Iterator[CellError]:
        """Those that are kept, by row."""
        return iter(sorted(self._kept, key=lambda error: error.row or 0))

    def in_row(self, row: int) -> bool:
        """Whether a row has any."""
        return row in self._rows

    @property
    def rows(self) -> list[int]:
        """The rows that have any, those of errors that were not kept too."""
        return sorted(self._rows)

    @property
    def more(self) -> int:
        """How many were not kept."""
        return self._total - len(self._kept)
