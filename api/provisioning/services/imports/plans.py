"""What an import would do, row by row, and doing it: all of it in one transaction, or nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from provisioning.engine.table_columns import Columns
from provisioning.engine.table_errors import CellError, CellErrors, TableRefused
from provisioning.engine.table_file import Table, read_table
from provisioning.services.site import Site
from provisioning.store.database import configuration_change, snapshot

Action = Literal["create", "update", "unchanged", "error"]
ACTIONS = get_args(Action)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of a row; values are not told, they may be secret."""

    row: int
    action: Action
    subject: str
    """What the row is about: a MAC id, a user's name, a key; empty if that is the error."""
    changes: tuple[str, ...] = ()
    """Which columns change something."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does, or did."""

    rows: tuple[PlannedRow, ...]
    """In the order of the file."""
    errors: tuple[CellError, ...]
    """By row; at most the first :data:`~provisioning.engine.table_errors.MAX_ERRORS`."""
    more_errors: int
    """How many others there are."""
    warnings: tuple[CellError, ...]
    more_warnings: int
    applied: bool
    """Whether it is done; else nothing was changed."""

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many rows there are of each action."""
        return {action: sum(row.action == action for row in self.rows) for action in ACTIONS}


@dataclass
class Draft:
    """A plan in the making."""

    errors: CellErrors
    warnings: CellErrors = field(default_factory=CellErrors)
    rows: list[PlannedRow] = field(default_factory=list)
    """Those that could be read; an error may be found in them later."""
    write: Callable[[], None] = lambda: None
    """Does it, inside a transaction."""

    def add(self, row: int, subject: str, *, exists: bool, changes: tuple[str, ...]) -> None:
        """A row is about something that is there or not, and changes it or not."""
        action: Action = "create" if not exists else "update" if changes else "unchanged"
        self.rows.append(PlannedRow(row, action, subject, changes))

    @property
    def does_something(self) -> bool:
        """Whether there is anything to write, and nothing against it."""
        return not len(self.errors) and any(row.action != "unchanged" for row in self.rows)

    def plan(self, *, applied: bool = False) -> Plan:
        """The plan as it stands."""
        return Plan(
            rows=tuple(sorted(self._all_rows(), key=lambda row: row.row)),
            errors=tuple(self.errors),
            more_errors=self.errors.more,
            warnings=tuple(self.warnings),
            more_warnings=self.warnings.more,
            applied=applied,
        )

    def _all_rows(self) -> Iterator[PlannedRow]:
        subjects = {row.row: row.subject for row in self.rows}
        yield from (row for row in self.rows if not self.errors.in_row(row.row))
        for row in self.errors.rows:
            yield PlannedRow(row, "error", subjects.get(row, ""))


class TableImport(Protocol):
    """What the imports of all kinds of table have in common."""

    def __call__(
        self, site: Site, data: bytes, /, *, dry_run: bool, create_only: bool, by: str
    ) -> Plan:
        """Import a file."""


class _NothingToWrite(Exception):
    """The transaction is to leave no trace: running servers need not look at every phone anew."""


def carried_out(
    data: bytes, columns: Columns, draft: Callable[[Table], Draft], *, dry_run: bool
) -> Plan:
    """Plan an import and do it, unless it has an error.

    Args:
        data: the file.
        columns: which columns it may have.
        draft: plans it, by what is stored then.
        dry_run: only plan it.
    """
    try:
        table = read_table(data, columns)
        if dry_run:
            with snapshot():
                return draft(table).plan()
        # Planned where it is written: nobody can change in between what the plan rests on.
        with configuration_change():
            found = draft(table)
            if not found.does_something:
                raise _NothingToWrite
            found.write()
    except TableRefused as refused:
        return Plan((), refused.errors, 0, (), 0, applied=False)
    except _NothingToWrite:
        return found.plan()
    return found.plan(applied=True)
