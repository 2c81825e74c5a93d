"""Uploading to one gateway: what is told meanwhile, and what is kept afterwards."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from provisioning.connect.gateways.outcomes import DeviceState, Outcome, UploadResult
from provisioning.connect.gateways.terminal import ProgramMissing
from provisioning.connect.gateways.upload import upload
from provisioning.engine.gateways.identity import Identity
from provisioning.engine.mac import MacAddress
from provisioning.services import operations
from provisioning.services.gateways import files, loads, states
from provisioning.services.gateways.loads import NoLoad
from provisioning.services.gateways.reporting import Reporter
from provisioning.services.gateways.states import KIND, FoundGateway
from provisioning.services.gateways.texts import OUTCOMES, STATES
from provisioning.services.site import Site
from provisioning.store import gateway_uploads as stored
from provisioning.store import gateways as stored_gateways
from provisioning.store import history
from provisioning.store.database import transaction

KEEP = 20
"""So many uploads to each gateway are kept."""

_GOOD = ("done", "told")
_POLL_SECONDS = 0.5


_under_way: dict[str, int] = {}
"""By MAC id of a gateway the operation that uploads to it now: one worker works at a time."""
_guard = threading.Lock()


class UploadFailed(Exception):
    """An upload did not end well; the text says how, and what the unit is left with."""


class UploadUnderWay(Exception):
    """Another upload to this gateway goes on; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How an upload ended."""

    code: str
    """Of ``texts.OUTCOMES``."""
    device: str = DeviceState.UNCHANGED
    words: str = ""
    result: UploadResult | None = None

    @property
    def in_words(self) -> str:
        """What an admin reads of it first."""
        said = f' It said: "{self.words}".' if self.words else ""
        left = "" if self.code in _GOOD else f" Left on it: {STATES[self.device].meaning.en}"
        return f"{OUTCOMES[self.code].meaning.en}{said}{left}"


def put(site: Site, mac: MacAddress, *, operation: int) -> str:
    """Upload to a gateway and wait for the end; what happens is kept as it does.

    Returns:
        How it ended, in words.

    Raises:
        NotFound: the gateway is no longer registered.
        UploadUnderWay: another one goes on; nothing was begun.
        UploadFailed: it did not end well.
    """
    with _alone(mac, operation):
        return _put(site, mac, operation)


@contextmanager
def _alone(mac: MacAddress, operation: int) -> Iterator[None]:
    """Have the gateway to oneself: operations that are retried or cloned may meet at one."""
    with _guard:
        if other := _under_way.get(str(mac)):
            raise UploadUnderWay(f"The upload of operation {other} to this gateway goes on.")
        _under_way[str(mac)] = operation
    try:
        yield
    finally:
        with _guard:
            del _under_way[str(mac)]


def _put(site: Site, mac: MacAddress, operation: int) -> str:
    found = states.get(mac)
    by = str(operations.progress(operation).operation.started_by)
    with transaction():
        stored.end_interrupted(found.id)
        number = stored.insert(found.id, operation, by=by)
    try:
        ending = _upload(site, found, number, operation)
    except NoLoad as none:
        ending = _Ending(none.code, words=none.words)
    except ProgramMissing as missing:
        ending = _Ending("program_missing", words=missing.program)
    except BaseException:
        _end(found, number, _Ending("interrupted", DeviceState.UNKNOWN), by=by)
        raise
    _end(found, number, ending, by=by)
    if ending.code not in _GOOD:
        raise UploadFailed(ending.in_words)
    return ending.in_words


def _upload(site: Site, found: FoundGateway, number: int, operation: int) -> _Ending:
    gateway = loads.configuration(site, found)
    target, then = loads.targets(gateway, found.state)
    cancelled = threading.Event()
    with ExitStack() as stack:
        offered = loads.offered(site, gateway, target.shell.host)
        url, delivered = stack.enter_context(offered)
        load = loads.made(site, gateway, found.state, url)
        with transaction():
            stored.set_commands(number, loads.lines_to_send(load, comes_back=then is not None))
        reporter = stack.enter_context(Reporter(number, operation, cancelled))
        began = time.time()
        result = upload(
            load,
            target,
            then,
            library=site.gateways,
            host_key=found.host_key,
            delivered=delivered,
            progress=reporter.note,
            cancelled=cancelled,
        )
        code = str(result.outcome)
        if result.outcome is Outcome.DONE and then is None:
            back = gateway.brand.dialogue.patience.back
            code = "told" if _has_fetched(found, began, back, cancelled) else "not_fetched"
    if result.outcome is Outcome.DONE and then is not None:
        with transaction():
            files.note_delivered(site, found, "upload")
            files.note_configured(site, found)
    return _Ending(code, result.device, result.words, result)


def _has_fetched(
    found: FoundGateway, since: float, seconds: float, cancelled: threading.Event
) -> bool:
    """Wait until a gateway has fetched its file, for which it restarts."""
    give_up = time.monotonic() + seconds
    while True:
        row = stored_gateways.find(found.state.mac)
        if row is not None and (row.fetched_at or 0.0) >= since:
            return True
        if time.monotonic() >= give_up or cancelled.wait(_POLL_SECONDS):
            return False


def _told(identity: Identity | None) -> dict[str, str] | None:
    if identity is None:
        return None
    mac = "" if identity.mac is None else str(identity.mac)
    return {"model": identity.model, "mac": mac, "firmware": identity.firmware}


def _end(found: FoundGateway, number: int, ending: _Ending, *, by: str) -> None:
    result = ending.result
    columns: dict[str, object] = {
        "outcome": ending.code, "device": str(ending.device), "words": ending.words
    }  # fmt: skip
    if result is not None:
        columns |= {
            "phase": str(result.phase),
            "identity": _told(result.identity),
            "differences": list(result.differences),
            "warnings": list(result.warnings),
            "old_configuration": result.old_configuration,
        }
    with transaction():
        stored.end(number, **columns)
        stored.forget_all_but(found.id, KEEP)
        if (
            result is not None
            and result.host_key
            and result.outcome is not Outcome.HOST_KEY_CHANGED
        ):
            stored_gateways.update(found.id, host_key=result.host_key)
        told = {"upload": number, "outcome": ending.code}
        history.record(by, KIND, found.state.mac, "upload", after=told)
