"""Queries for uploads to gateways and their transcripts."""

import time
from collections.abc import Sequence
from typing import Any

from peewee import fn

from provisioning.store.tables import Gateway, GatewayUpload, Operation, OperationItem, UploadLine

_COLUMNS = (
    GatewayUpload.id, GatewayUpload.gateway, GatewayUpload.operation, GatewayUpload.by,
    GatewayUpload.began_at, GatewayUpload.ended_at, GatewayUpload.phase, GatewayUpload.commands,
    GatewayUpload.sent, GatewayUpload.outcome, GatewayUpload.words, GatewayUpload.device,
    GatewayUpload.identity, GatewayUpload.differences, GatewayUpload.warnings,
)  # fmt: skip
"""All but the old configuration, which is long and secret."""

_OPEN = ("waiting", "working")


def insert(gateway: int, operation: int, *, by: str) -> int:
    """An upload begins; returns its number."""
    number: int = GatewayUpload.insert(
        gateway=gateway,
        operation=operation,
        by=by[:128],
        began_at=time.time(),
        phase="log_in",
        commands=0,
        sent=0,
        words="",
        differences=[],
        warnings=[],
        old_configuration="",
    ).execute()
    return number


def set_commands(number: int, commands: int) -> None:
    """So many commands will be sent if all goes well."""
    GatewayUpload.update(commands=commands).where(GatewayUpload.id == number).execute()


def go_on(
    number: int, *, phase: str, sent: int, lines: Sequence[tuple[float, str, str, str]]
) -> None:
    """An upload came further.

    Args:
        number: the upload.
        phase: where it is.
        sent: how many commands were sent so far.
        lines: what was said since: seconds, phase, kind, text.
    """
    GatewayUpload.update(phase=phase, sent=sent).where(GatewayUpload.id == number).execute()
    if lines:
        UploadLine.insert_many(
            [(number, *line) for line in lines],
            fields=[
                UploadLine.upload,
                UploadLine.seconds,
                UploadLine.phase,
                UploadLine.kind,
                UploadLine.text,
            ],
        ).execute()


def end(number: int, **columns: object) -> None:
    """An upload ended."""
    GatewayUpload.update(ended_at=time.time(), **columns).where(
        GatewayUpload.id == number
    ).execute()


def end_interrupted(gateway: int) -> None:
    """Uploads to a gateway that nobody works on any more: their worker was killed."""
    GatewayUpload.update(
        ended_at=time.time(), outcome="interrupted", device="unknown", words=""
    ).where((GatewayUpload.gateway == gateway) & GatewayUpload.ended_at.is_null()).execute()


def forget_all_but(gateway: int, keep: int) -> None:
    """Forget the oldest uploads to a gateway."""
    newest = (
        GatewayUpload.select(GatewayUpload.id)
        .where(GatewayUpload.gateway == gateway)
        .order_by(GatewayUpload.id.desc())
        .limit(keep)
    )
    GatewayUpload.delete().where(
        (GatewayUpload.gateway == gateway) & GatewayUpload.id.not_in(newest)
    ).execute()


def find(number: int) -> GatewayUpload | None:
    """An upload with its gateway and the old configuration."""
    query = GatewayUpload.select(GatewayUpload, Gateway).join(Gateway)
    found: GatewayUpload | None = query.where(GatewayUpload.id == number).first()
    return found


def page(
    *, gateway: str | None, operation: int | None, offset: int, limit: int
) -> tuple[int, list[GatewayUpload]]:
    """Uploads, the newest first, with how many there are in all."""
    query = GatewayUpload.select(*_COLUMNS, Gateway).join(Gateway)
    if gateway is not None:
        query = query.where(Gateway.mac == gateway)
    if operation is not None:
        query = query.where(GatewayUpload.operation == operation)
    count: int = query.count()
    return count, list(query.order_by(GatewayUpload.id.desc()).offset(offset).limit(limit))


def newest(gateways: Sequence[int]) -> list[GatewayUpload]:
    """The newest upload to each of some gateways, with its gateway."""
    ids = (
        GatewayUpload.select(fn.MAX(GatewayUpload.id))
        .where(GatewayUpload.gateway.in_(list(gateways)))
        .group_by(GatewayUpload.gateway)
    )
    query = GatewayUpload.select(*_COLUMNS, Gateway).join(Gateway)
    return list(query.where(GatewayUpload.id.in_(ids)))


def lines(number: int, *, after: int, limit: int) -> list[UploadLine]:
    """Lines of a transcript after one of them."""
    query = UploadLine.select().where((UploadLine.upload == number) & (UploadLine.id > after))
    return list(query.order_by(UploadLine.id).limit(limit))


def open_for(kind: str, macs: Sequence[str]) -> dict[str, int]:
    """For which gateways an upload waits or runs: the number of its operation, by MAC id."""
    rows: Any = (
        OperationItem.select(OperationItem.subject, OperationItem.operation)
        .join(Operation)
        .where(
            (Operation.kind == kind)
            & OperationItem.subject.in_(list(macs))
            & OperationItem.state.in_(_OPEN)
        )
        .tuples()
    )
    return dict(rows)
