"""Who is registered with the PBX, as its Manager Interface says."""

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager

from provisioning.connect.ami import Ami, AmiProblem, RegisteredContact
from provisioning.services import account_numbers, application_settings
from provisioning.store import proofs
from provisioning.store.database import transaction

_SECONDS = 10.0
"""Time-out of the Manager."""
_FRESH_SECONDS = 2.0
_PATIENCE_SECONDS = 180.0

_lock = threading.Lock()
_seen: tuple[float, Mapping[str, list[RegisteredContact]]] | None = None
_last_answer = time.monotonic()


def manager() -> AbstractContextManager[Ami] | None:
    """A session with the Manager, to be entered; None: the settings name none."""
    settings = application_settings.get()
    host = settings.text("ami_host")
    if not host:
        return None
    return Ami(
        host,
        settings.number("ami_port"),
        settings.text("ami_user"),
        settings.text("ami_secret"),
        timeout=_SECONDS,
    )


def contacts() -> Mapping[str, list[RegisteredContact]]:
    """All registered contacts by endpoint, at most some seconds old; without a Manager none.

    Raises:
        AmiProblem: the Manager does not tell.
    """
    global _seen
    with _lock:
        if _seen is not None and time.monotonic() - _seen[0] < _FRESH_SECONDS:
            return _seen[1]
        session = manager()
        found: dict[str, list[RegisteredContact]] = {}
        if session is not None:
            with session as asterisk:
                for contact in asterisk.contacts():
                    found.setdefault(contact.endpoint or contact.aor, []).append(contact)
        _seen = (time.monotonic(), found)
        return found


def refresh() -> None:
    """Write down who is registered; after long silence of the Manager nobody knows."""
    global _last_answer
    if manager() is None:
        _forget()
        return
    try:
        there = contacts()
    except AmiProblem:
        if time.monotonic() - _last_answer > _PATIENCE_SECONDS:
            _forget()
        raise
    _last_answer = time.monotonic()
    numbers = account_numbers.everyone()
    registered = {
        mac: there[number][0].address for number, mac in numbers.items() if number in there
    }
    with transaction():
        proofs.note_registrations(registered, set(numbers.values()))


def _forget() -> None:
    if proofs.any_registration():
        with transaction():
            proofs.forget_registrations()
