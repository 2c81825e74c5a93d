"""Queries for settings wherever the site stores them: defaults, models, key layouts, phones."""

from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from provisioning.store.tables import Defaults, Layout, Phone, SiteModel

Found = tuple[str, str, Mapping[str, str | None]]
"""Kind and id of a scope (``engine.scopes``), and what is stored for it."""


def values_of(name: str) -> Iterator[tuple[str, str, str]]:
    """Where models and phones set a setting: kind and id of the scope, and the value, by id."""
    for kind, table, key, settings in (
        ("model", SiteModel, SiteModel.id, SiteModel.differences),
        ("phone", Phone, Phone.mac, Phone.variables),
    ):
        value: Any = settings[name].as_text()
        rows: Any = table.select(key, value).where(value.is_null(False)).order_by(key).tuples()
        for scope, text in rows:
            yield kind, str(scope), str(text)


def containing(texts: Collection[str]) -> Iterator[Found]:
    """The scopes whose stored settings have one of some texts anywhere, names and values alike.

    It only narrows the search: whoever asks looks at the settings. Defaults come first, then
    models, layouts and phones by their ids.
    """
    if not texts:
        return
    for kind, table, key, settings in (
        ("defaults", Defaults, None, Defaults.differences),
        ("model", SiteModel, SiteModel.id, SiteModel.differences),
        ("layout", Layout, Layout.name, Layout.variables),
        ("phone", Phone, Phone.mac, Phone.variables),
    ):
        text: Any = settings.cast("TEXT")
        matching = reduce(or_, (text.contains(word) for word in texts))
        columns = (settings,) if key is None else (key, settings)
        rows: Any = table.select(*columns).where(matching).order_by(*columns[:-1]).tuples()
        for row in rows:
            yield kind, str(row[0]) if key else kind, row[-1]
