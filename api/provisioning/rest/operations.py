"""Operations: how far they are, and what to do with them."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from provisioning.engine.mac import MacAddress
from provisioning.rest import current, operation_events
from provisioning.rest.fields import Mac, line, moment
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.paths import NUMBER
from provisioning.rest.phones import PhoneFilter, filter_of
from provisioning.rest.resource import Resource, created_at
from provisioning.services import (
    operations,
    phone_lists,
    redirect_look_ups,
    redirections,
    reprovisioning,
)
from provisioning.services.operations import Progress
from provisioning.store.operations import ITEM_STATES, STATES
from provisioning.store.tables import OperationItem

resource = Resource("operations", "Work for many devices that goes on by itself.")

_ONE = f"/<{NUMBER}:number>"


class OperationQuery(PageQuery):
    """Which operations."""

    kind = line(32, load_default=None, metadata={"description": "Exactly this kind."})


class ItemQuery(PageQuery):
    """Which items."""

    state = fields.String(load_default=None, validate=validate.OneOf(ITEM_STATES))


class CountsSchema(Schema):
    """How many items are in which state."""

    waiting = fields.Integer(required=True, metadata={"description": "Not begun, or tried again."})
    working = fields.Integer(required=True)
    done = fields.Integer(required=True)
    failed = fields.Integer(required=True, metadata={"description": "Each says why."})
    skipped = fields.Integer(required=True, metadata={"description": "Each says why."})


class OperationAnswer(Schema):
    """An operation and how far it is."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    parameters = fields.Dict(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={
            "description": "paused: no further item begins. done: no item is left to do; some may "
            "have failed. cancelled: what nobody worked on is skipped."
        },
    )
    started_by = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    per_second = fields.Float(
        required=True,
        metadata={"description": "At most so many items begin in a second, on average."},
    )
    total = fields.Integer(required=True, metadata={"description": "All items."})
    items = fields.Nested(CountsSchema, required=True)


class ItemAnswer(Schema):
    """One device of an operation."""

    subject = fields.String(required=True, metadata={"description": "Usually a MAC address."})
    state = fields.String(required=True, validate=validate.OneOf(ITEM_STATES))
    attempts = fields.Integer(
        required=True, metadata={"description": "Since it was started or retried."}
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it failed, was skipped or is tried again; or a remark."},
    )
    next_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "A waiting item begins not before."},
    )
    finished_at = fields.DateTime(required=True, allow_none=True)


class Chosen(Schema):
    """Which phones, and how fast."""

    phones = fields.List(
        Mac(), load_default=None, allow_none=True, validate=validate.Length(min=1, max=100_000)
    )
    filter = fields.Nested(PhoneFilter, load_default=None, allow_none=True)
    per_second = fields.Float(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0.01, max=200),
        metadata={"description": "At most so many in a second; null: as the settings say."},
    )

    @validates_schema
    def _one_of_both(self, data: Mapping[str, Any], **_: object) -> None:
        if (data["phones"] is None) == (data["filter"] is None):
            raise ValidationError("Give either phones or filter.", "phones")


class Redirect(Chosen):
    """Of which phones redirect services are told anew, or asked."""


class Reprovision(Chosen):
    """Which phones are to fetch, and how they are asked."""

    reboot = fields.Boolean(
        load_default=False,
        metadata={"description": "Restart them; a phone in use is interrupted."},
    )
    not_before = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "Null: now."}
    )


@resource.get("")
@resource.query(OperationQuery)
@resource.answer(200, page_of(OperationAnswer, "OperationPage"))
def list_operations(query: Mapping[str, Any]) -> Mapping[str, object]:
    """Operations, newest first."""
    total, found = operations.page(kind=query["kind"], **part(query))
    return page(query, total, [operation_answer(progress) for progress in found])


@resource.post("/reprovision")
@resource.body(Reprovision)
@resource.answer(202, OperationAnswer)
def reprovision(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Ask phones to fetch their configuration; each item is done when its phone has fetched.

    Without `phones` all that match the filter are asked.
    """
    not_before = given["not_before"]
    made = reprovisioning.start(
        _chosen(given),
        reboot=given["reboot"],
        not_before=not_before.timestamp() if not_before else 0.0,
        per_second=given["per_second"],
        by=current.actor(),
    )
    return started(made)


@resource.post("/redirect")
@resource.body(Redirect)
@resource.answer(202, OperationAnswer)
def redirect(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Tell redirect services about phones anew, whatever they were told."""
    made = redirections.start(
        current.site(), _chosen(given), per_second=given["per_second"], by=current.actor()
    )
    return started(made)


@resource.post("/redirect-look-up")
@resource.body(Redirect)
@resource.answer(202, OperationAnswer)
def look_up(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Ask redirect services what they have of phones; nothing is changed.

    An item is done if its phone is led here, as far as the service tells, and failed if it is not.
    """
    made = redirect_look_ups.start(
        _chosen(given), per_second=given["per_second"], by=current.actor()
    )
    return started(made)


@resource.get(_ONE)
@resource.answer(200, OperationAnswer)
def show_operation(number: int) -> Mapping[str, object]:
    """How far an operation is."""
    return operation_answer(operations.progress(number))


@resource.get(f"{_ONE}/items")
@resource.query(ItemQuery)
@resource.answer(200, page_of(ItemAnswer, "OperationItemPage"))
def list_items(query: Mapping[str, Any], number: int) -> Mapping[str, object]:
    """The devices of an operation, in the order they were given."""
    total, found = operations.items(number, state=query["state"], **part(query))
    return page(query, total, [_item(item) for item in found])


@resource.post(f"{_ONE}/pause")
@resource.answer(200, OperationAnswer)
def pause_operation(number: int) -> Mapping[str, object]:
    """Begin no further item; those being worked on end."""
    return operation_answer(operations.pause(number, by=current.actor()))


@resource.post(f"{_ONE}/resume")
@resource.answer(200, OperationAnswer)
def resume_operation(number: int) -> Mapping[str, object]:
    """Go on with a paused operation."""
    return operation_answer(operations.resume(number, by=current.actor()))


@resource.post(f"{_ONE}/cancel")
@resource.answer(200, OperationAnswer)
def cancel_operation(number: int) -> Mapping[str, object]:
    """End an operation: items that nobody works on are skipped."""
    return operation_answer(operations.cancel(number, by=current.actor()))


@resource.post(f"{_ONE}/retry")
@resource.answer(200, OperationAnswer)
def retry_operation(number: int) -> Mapping[str, object]:
    """Try the failed items once more; without any nothing changes."""
    return operation_answer(operations.retry_failed(number, by=current.actor()))


@resource.post(f"{_ONE}/clone")
@resource.answer(201, OperationAnswer)
def clone_operation(number: int) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Start the same anew, for the same devices."""
    made = operations.clone(number, by=current.actor())
    return started(made)


@resource.get(f"{_ONE}/events")
@resource.documented(
    **operation_events.DOCUMENT,
)
def stream_events(number: int) -> Response:
    """Progress as server-sent events.

    An event `progress` comes at once and after each change; its data is the operation as JSON.
    The stream ends when the operation has ended, or after 20 seconds: a browser's `EventSource`
    then asks again by itself, hears only what is new (`Last-Event-ID`), and is told with 204 that
    nothing more will come. Few streams are served at a time; one too many is refused with 503 and
    `Retry-After`: poll the operation then. An `EventSource` does not try again after 503 by itself.
    """
    seen = request.headers.get("Last-Event-ID")
    first = operations.progress(number)
    return operation_events.stream(first, seen=seen, show=_shown)


def _chosen(given: Mapping[str, Any]) -> list[MacAddress]:
    if given["phones"] is not None:
        return list(dict.fromkeys(given["phones"]))
    wanted = given["filter"]
    return phone_lists.macs(current.site(), filter_of(wanted), vendor=wanted["vendor"])


def _shown(progress: Progress) -> str:
    shown: str = OperationAnswer().dumps(operation_answer(progress))
    return shown


def started(number: int) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """The answer to what has started an operation: how far it is, and where it is found."""
    return operation_answer(operations.progress(number)), created_at(f"operations/{number}")


def operation_answer(progress: Progress) -> Mapping[str, object]:
    """An operation as it is answered."""
    found = progress.operation
    return {
        "id": found.id,
        "kind": found.kind,
        "parameters": found.parameters,
        "state": found.state,
        "started_by": found.started_by,
        "created_at": moment(found.created_at),
        "finished_at": moment(found.finished_at),
        "per_second": found.per_second,
        "total": progress.total,
        "items": {state: getattr(progress, state) for state in ITEM_STATES},
    }


def _item(item: OperationItem) -> Mapping[str, object]:
    waits = item.state == "waiting" and item.due_at > 0
    return {
        "subject": item.subject,
        "state": item.state,
        "attempts": item.attempts,
        "reason": item.reason,
        "next_at": moment(item.due_at) if waits else None,
        "finished_at": moment(item.finished_at),
    }
