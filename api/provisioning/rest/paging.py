"""Lists: a page of something long, or all of something short."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

MAX_PAGE_SIZE = 500


class PageQuery(Schema):
    """Which part of a long list."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    page_size = fields.Integer(load_default=50, validate=validate.Range(min=1, max=MAX_PAGE_SIZE))


def part(query: Mapping[str, Any]) -> dict[str, Any]:
    """The part as services take it."""
    return {
        "offset": (query["page"] - 1) * query["page_size"],
        "limit": query["page_size"],
    }


def sorted_by(names: Iterable[str]) -> list[str]:
    """The values of a query's ``sort``: a member, or a member with ``-`` before it: backwards."""
    return [word for name in names for word in (name, f"-{name}")]


def sorting(query: Mapping[str, Any]) -> dict[str, Any]:
    """The order as services take it."""
    sort = str(query["sort"])
    return {"sort": sort.removeprefix("-"), "descending": sort.startswith("-")}


def page(query: Mapping[str, Any], total: int, items: Sequence[object]) -> dict[str, object]:
    """A page as it is answered."""
    return {
        "items": items,
        "total": total,
        "page": query["page"],
        "page_size": query["page_size"],
    }


def page_of(item: type[Schema], name: str, **more: fields.Field[Any]) -> type[Schema]:
    """The schema of a page of items, with what else its answer holds."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(required=True),
            "page": fields.Integer(required=True),
            "page_size": fields.Integer(required=True),
            **more,
        },
        name=name,
    )


def all_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of a whole list."""
    return Schema.from_dict(
        {"items": fields.List(fields.Nested(item), required=True)},
        name=name,
    )
