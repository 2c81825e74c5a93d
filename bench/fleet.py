"""State directories full of phones, written straight into the tables.

A phone under test is a Yealink T46 with one account and everything set that it can hold: 27 line
keys, 180 keys of expansion modules, 4 soft keys. It has used its permanent token once, as any phone
in the field has. The other phones of a large site have an account and a few keys.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from provisioning.app import open_site, prepare
from provisioning.engine.mac import MacAddress
from provisioning.services.phones import new_token
from provisioning.settings import Settings
from provisioning.store.database import configuration_change, database
from provisioning.store.tables import Change, Phone, Token

MODEL = "yealink-T46"

_KEYS = {"linekey": 27, "expkey": 180, "softkey": 4}
_FEW_KEYS = {"linekey": 3}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Member:
    """A phone under test."""

    mac: MacAddress
    path: str
    """The path of its configuration, with its permanent token."""


def environment(state: Path, address: str = "127.0.0.1:8080") -> dict[str, str]:
    """The settings of a site for a benchmark: two processes, Tancredi's API without a token."""
    return {
        "PROVISIONING_STATE": str(state),
        "PROVISIONING_LISTEN": address,
        "PROVISIONING_WORKERS": "2",
        "PROVISIONING_TANCREDI_API": "trusted",
        "PROVISIONING_ADMIN_PASSWORD": "benchmark",
    }


def fill(state: Path, *, members: int, phones: int | None = None) -> list[Member]:
    """Make a site.

    Args:
        state: its state directory.
        members: how many phones under test it has.
        phones: how many phones in all; those under test are spread among them.

    Returns:
        The phones under test.
    """
    settings = Settings.from_environment(environment(state))
    prepare(settings)
    open_site(settings)
    step = (phones or members) // members
    with configuration_change():
        found = list(_insert(range(step * members), step))
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return found


def document(number: int, *, full: bool) -> dict[str, object]:
    """A phone as Tancredi's API takes it."""
    mac = _mac(number)
    return {
        "mac": str(mac),
        "model": MODEL,
        "display_name": f"Desk {number}",
        "variables": _variables(number, _KEYS if full else _FEW_KEYS),
    }


def _mac(number: int) -> MacAddress:
    return MacAddress.parse(f"805ec0{number:06x}")


def _variables(number: int, keys: dict[str, int]) -> dict[str, str]:
    extension = str(20_000 + number)
    variables = {
        "account_extension_1": extension,
        "account_username_1": extension,
        "account_password_1": f"{number:032x}",
        "account_display_name_1": f"Desk {number}",
        "account_voicemail_1": "*97",
        "account_encryption_1": "1",
        "pickup_direct": "**",
    }
    for kind, count in keys.items():
        for n in range(1, count + 1):
            variables[f"{kind}_type_{n}"] = "speed_dial" if kind == "softkey" else "blf"
            variables[f"{kind}_value_{n}"] = str(20_000 + number + n)
            variables[f"{kind}_label_{n}"] = f"Colleague {number + n}"
    return variables


def _insert(numbers: Iterable[int], step: int) -> Iterator[Member]:
    """Insert phones, their tokens and history; each ``step``-th is under test."""
    left = iter(numbers)
    while batch := list(islice(left, _BATCH)):
        documents = [document(n, full=n % step == 0) for n in batch]
        tokens = [new_token() for _ in batch]
        Phone.insert_many([{**d, "created_at": 0} for d in documents]).execute()
        Token.insert_many(
            [
                {"text": token, "phone": d["mac"], "kind": 2, "shown": True}
                for d, token in zip(documents, tokens, strict=True)
            ]
        ).execute()
        history = {"at": 0, "actor": "bench", "kind": "phone", "action": "create"}
        Change.insert_many(
            [{**history, "subject": d["mac"], "after": {"model": MODEL}} for d in documents]
        ).execute()
        for number, token in zip(batch, tokens, strict=True):
            if number % step == 0:
                mac = _mac(number)
                yield Member(mac, f"/provisioning/{token}/{mac.bare}.cfg")
