"""Imports of tables (CSV): phones, users, keys, gateways."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import request
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import RequestEntityTooLarge

from provisioning.engine.table_errors import CellError
from provisioning.engine.table_file import MAX_BYTES
from provisioning.rest import current
from provisioning.rest.problems import Problem
from provisioning.rest.resource import Decorator, Resource, View
from provisioning.services.imports.gateways import import_gateways
from provisioning.services.imports.keys import import_keys
from provisioning.services.imports.phones import import_phones
from provisioning.services.imports.plans import ACTIONS, Plan, TableImport
from provisioning.services.imports.users import import_users

MEDIA_TYPE = "text/csv"

# Of a body without a length no more than this is read, in silence: one byte over the limit tells a
# table that is cut off from one that is just as large as is allowed.
_MOST_BYTES = MAX_BYTES + 1

resource = Resource(
    "imports",
    "Tables (CSV) of phones, users, keys and gateways.",
    body=MEDIA_TYPE,
    most_bytes=_MOST_BYTES,
)

_BODY = resource.documented(
    requestBody={
        "required": True,
        "description": "A table in UTF-8, with a header line; separated by comma, semicolon or "
        "tab. The manual explains its columns.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
)


class ImportQuery(Schema):
    """How to import."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Tell what would happen; change nothing."}
    )
    create_only = fields.Boolean(
        load_default=False, metadata={"description": "What is there already is an error."}
    )


class RowSchema(Schema):
    """What becomes of a row."""

    row = fields.Integer(required=True, metadata={"description": "The header line is row 1."})
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    subject = fields.String(required=True, metadata={"example": "00-15-65-AA-BB-01"})
    changes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Which columns change something; values are not told."},
    )


class WarningInTable(Schema):
    """What the admin should know and nothing forbids."""

    row = fields.Integer(required=True)
    column = fields.String(required=True)
    value = fields.String(required=True)
    detail = fields.String(required=True)
    allowed = fields.String(required=True, metadata={"description": "What is meant, perhaps."})


class PlanAnswer(Schema):
    """What was done, or would be."""

    applied = fields.Boolean(
        required=True, metadata={"description": "False: nothing was changed, or nothing had to be."}
    )
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": f"How many rows there are of each: {', '.join(ACTIONS)}."},
    )
    rows = fields.List(fields.Nested(RowSchema), required=True)
    warnings = fields.List(fields.Nested(WarningInTable), required=True)
    more_warnings = fields.Integer(
        required=True, metadata={"description": "How many warnings are not listed."}
    )


def _table_at(rule: str) -> Decorator:
    """Take a table at a path, with the query, the body and the answer of all of them."""

    def decorated(view: View) -> View:
        answering = resource.answer(200, PlanAnswer)(view)
        return resource.post(rule)(resource.query(ImportQuery)(_BODY(answering)))

    return decorated


@_table_at("/phones")
def import_table_of_phones(query: Mapping[str, Any]) -> Plan:
    """Register and change phones, all rows or none; with an error nothing is changed."""
    return _imported(import_phones, query)


@_table_at("/users")
def import_table_of_users(query: Mapping[str, Any]) -> Plan:
    """Add and change users, all rows or none; with an error nothing is changed."""
    return _imported(import_users, query)


@_table_at("/keys")
def import_table_of_keys(query: Mapping[str, Any]) -> Plan:
    """Replace keys of phones, layouts and models, all rows or none."""
    return _imported(import_keys, query)


@_table_at("/gateways")
def import_table_of_gateways(query: Mapping[str, Any]) -> Plan:
    """Register and change gateways and their ports, all rows or none."""
    return _imported(import_gateways, query)


def _imported(import_: TableImport, query: Mapping[str, Any]) -> Plan:
    plan = import_(
        current.site(),
        _table(),
        dry_run=query["dry_run"],
        create_only=query["create_only"],
        by=current.actor(),
    )
    if plan.errors:
        raise _refused(plan, with_rows=query["dry_run"])
    return plan


def _table() -> bytes:
    detail = f"At most {MAX_BYTES:,} bytes; split the table."
    too_large = Problem("too-large", "The table is too large", 413, detail)
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge as refused:
        raise too_large from refused
    if len(data) > MAX_BYTES:
        raise too_large
    return data


def _refused(plan: Plan, *, with_rows: bool) -> Problem:
    total = len(plan.errors) + plan.more_errors
    return Problem(
        "table-not-allowed",
        "Some rows cannot be imported; nothing was changed",
        422,
        f"{total} errors." if total > 1 else "1 error.",
        errors=[_error(error) for error in plan.errors],
        extra={
            "more_errors": plan.more_errors,
            "counts": plan.counts,
            "rows": [asdict(row) for row in plan.rows] if with_rows else [],
        },
    )


def _error(error: CellError) -> Mapping[str, object]:
    """An error as it is answered; what is empty is left out, but for the row."""
    found = asdict(error)
    return {name: value for name, value in found.items() if name == "row" or value}
