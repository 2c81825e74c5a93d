"""Uploads to gateways: started, followed, looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.gateways.masking import Masker
from provisioning.engine.mac import MacAddress
from provisioning.services import operations
from provisioning.services.errors import InUse, NotFound
from provisioning.services.gateways import states
from provisioning.services.gateways.states import KIND
from provisioning.services.site import Site
from provisioning.store import gateway_uploads as stored
from provisioning.store import history
from provisioning.store.database import transaction
from provisioning.store.tables import GatewayUpload, UploadLine

OPERATION = "gateway_upload"
"""Kind of the operation that uploads to gateways."""

_PACE = 20.0


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload, running or ended."""

    id: int
    gateway: str
    """MAC id."""
    operation: int
    by: str
    began_at: float
    ended_at: float | None
    phase: str
    commands: int
    """So many lines are sent if all goes well, but for answers to questions."""
    sent: int
    outcome: str | None
    """A code of ``texts.OUTCOMES``; None: it goes on."""
    words: str
    """The gateway's own."""
    device: str | None
    """A code of ``texts.STATES``."""
    identity: Mapping[str, object] | None
    differences: Sequence[str]
    warnings: Sequence[str]


def start(macs: Sequence[MacAddress], *, by: str) -> int:
    """Upload to gateways, each for itself and many at once.

    Returns:
        The number of the operation.

    Raises:
        NotFound: one of them is not registered; nothing was started.
        InUse: to one of them an upload waits or runs already; nothing was started.
    """
    subjects = [str(mac) for mac in macs]
    with transaction():
        for mac in macs:
            states.get(mac)
        refuse_under_way(subjects)
        return operations.start(OPERATION, subjects, per_second=_PACE, by=by)


def refuse_under_way(macs: Sequence[str]) -> None:
    """Make sure that no upload to some gateways waits or runs.

    Raises:
        InUse: one does.
    """
    for mac, operation in sorted(stored.open_for(OPERATION, macs).items()):
        raise InUse(KIND, mac, f"the upload of operation {operation}")


def get(number: int) -> Upload:
    """An upload.

    Raises:
        NotFound: there is none of this number.
    """
    return _uploads([_require(number)])[0]


def page(
    *, gateway: MacAddress | None, operation: int | None, offset: int, limit: int
) -> tuple[int, list[Upload]]:
    """Uploads, the newest first, with how many there are in all."""
    mac = None if gateway is None else str(gateway)
    total, rows = stored.page(gateway=mac, operation=operation, offset=offset, limit=limit)
    return total, _uploads(rows)


def newest(gateways: Sequence[int]) -> dict[str, Upload]:
    """The newest upload to each of some gateways, by MAC id."""
    return {made.gateway: made for made in _uploads(stored.newest(gateways))}


def transcript(number: int, *, after: int, limit: int) -> list[UploadLine]:
    """What was said, without secrets.

    Args:
        number: the upload.
        after: the last line that is known already; 0: from the beginning.
        limit: at most so many lines.

    Raises:
        NotFound: there is none of this number.
    """
    _require(number)
    return stored.lines(number, after=after, limit=limit)


def old_configuration(site: Site, number: int, *, secrets: bool, by: str) -> str:
    """What the gateway held before.

    Args:
        site: the site.
        number: the upload.
        secrets: with the secrets in it; the history keeps who asked.
        by: who asks.

    Raises:
        NotFound: there is none of this number.
    """
    with transaction():
        row = _require(number)
        if secrets:
            history.record(by, KIND, str(row.gateway.mac), "show")
    if secrets:
        return str(row.old_configuration)
    brand = states.model_of(site, states.get(MacAddress.parse(row.gateway.mac)).state)[1]
    return Masker(brand).mask(str(row.old_configuration))


def _require(number: int) -> GatewayUpload:
    row = stored.find(number)
    if row is None:
        raise NotFound("upload", str(number))
    return row


def _uploads(found: Sequence[GatewayUpload]) -> list[Upload]:
    # The worker of one that has not ended may have been killed.
    open_ones = [str(row.gateway.mac) for row in found if row.ended_at is None]
    under_way = set(stored.open_for(OPERATION, open_ones).values()) if open_ones else set()
    return [_upload(row, under_way) for row in found]


def _upload(row: GatewayUpload, under_way: set[int]) -> Upload:
    killed = row.ended_at is None and row.operation not in under_way
    return Upload(
        id=row.id,
        gateway=str(row.gateway.mac),
        operation=row.operation,
        by=str(row.by),
        began_at=row.began_at,
        ended_at=row.ended_at,
        phase=str(row.phase),
        commands=row.commands,
        sent=row.sent,
        outcome="interrupted" if killed else row.outcome,
        words=str(row.words),
        device="unknown" if killed else row.device,
        identity=row.identity,
        differences=row.differences,
        warnings=row.warnings,
    )
