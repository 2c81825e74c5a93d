"""Queries for key layouts and what they are applied to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from provisioning.store.batches import batches
from provisioning.store.tables import Layout, LayoutUse

# SQLite takes 32,766 values a statement, three for a row.
_ROWS_AT_ONCE = 10_000


def find(name: str) -> Layout | None:
    """The layout of a name."""
    found: Layout | None = Layout.get_or_none(Layout.name == name)
    return found


def list_all() -> list[Layout]:
    """All layouts by name."""
    return list(Layout.select().order_by(Layout.name))


def uses(layouts: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """What some layouts are applied to: kind and target, in order."""
    found: dict[int, list[tuple[str, str]]] = {layout: [] for layout in layouts}
    query = LayoutUse.select().where(LayoutUse.layout.in_(list(layouts)))
    for use in query.order_by(LayoutUse.kind, LayoutUse.target):
        found[use.layout_id].append((use.kind, use.target))
    return found


def save(name: str, *, variables: Mapping[str, str], fills: Sequence[Mapping[str, object]]) -> int:
    """Store a layout; of one that is there the keys change. Returns its number."""
    columns = {"variables": dict(variables), "fills": [dict(fill) for fill in fills]}
    Layout.insert(name=name, **columns).on_conflict(
        conflict_target=[Layout.name], update=columns
    ).execute()
    number: int = Layout.get(Layout.name == name).id
    return number


def rename(name: str, new_name: str) -> None:
    """Give a layout another name."""
    Layout.update(name=new_name).where(Layout.name == name).execute()


def delete(name: str) -> None:
    """Remove a layout and its uses."""
    Layout.delete().where(Layout.name == name).execute()


def replace_uses(layout: int, uses: Iterable[tuple[str, str]]) -> None:
    """Apply a layout to these and nothing else."""
    LayoutUse.delete().where(LayoutUse.layout == layout).execute()
    rows = [{"layout": layout, "kind": kind, "target": target} for kind, target in uses]
    for some in batches(rows, _ROWS_AT_ONCE):
        LayoutUse.insert_many(some).execute()


def of_phones(macs: Collection[str]) -> dict[str, list[str]]:
    """The names of the layouts that are applied to each of some phones alone, in order."""
    found: dict[str, list[str]] = {mac: [] for mac in macs}
    for some in batches(macs, _ROWS_AT_ONCE):
        query = LayoutUse.select(LayoutUse.target, Layout.name).join(Layout)
        wanted = (LayoutUse.kind == "phone") & LayoutUse.target.in_(some)
        rows: Any = query.where(wanted).order_by(Layout.name).tuples()
        for mac, name in rows:
            found[mac].append(name)
    return found


def add_use(layout: int, kind: str, target: str) -> bool:
    """Apply a layout to one thing more; returns whether it was not yet."""
    added = LayoutUse.insert(layout=layout, kind=kind, target=target).on_conflict_ignore()
    return bool(added.as_rowcount().execute())


def remove_use(layout: int, kind: str, target: str) -> bool:
    """Take a layout from one thing; returns whether it was applied to it."""
    wanted = (LayoutUse.kind == kind) & (LayoutUse.target == target)
    return bool(LayoutUse.delete().where((LayoutUse.layout == layout) & wanted).execute())


def of_phone(mac: str) -> list[str]:
    """The names of the layouts that are applied to this very phone."""
    query = Layout.select().join(LayoutUse)
    wanted = (LayoutUse.kind == "phone") & (LayoutUse.target == mac)
    return [layout.name for layout in query.where(wanted).order_by(Layout.name)]


def forget_target(kind: str, target: str) -> None:
    """Take all layouts from something that is gone."""
    LayoutUse.delete().where((LayoutUse.kind == kind) & (LayoutUse.target == target)).execute()


def move_target(kind: str, before: str, after: str) -> None:
    """Let what is applied to one thing be applied to another."""
    there = LayoutUse.select(LayoutUse.layout).where(
        (LayoutUse.kind == kind) & (LayoutUse.target == after)
    )
    moving = (LayoutUse.kind == kind) & (LayoutUse.target == before)
    LayoutUse.update(target=after).where(moving & LayoutUse.layout.not_in(there)).execute()
    forget_target(kind, before)
