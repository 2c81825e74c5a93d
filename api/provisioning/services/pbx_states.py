"""What users have switched on at the PBX itself: do not disturb, forwards, call waiting.

Asterisk keeps it in its own database, whoever switched it: a code dialled on a phone, the CTI, the
user's portal. It is read for all users with a device at once, by their main extension as it is: a
way that took ``9123`` for the second device of ``23`` forwarded the wrong person's calls.

Source: NethVoice's filter for Tancredi, which reads the same keys.
"""

from collections.abc import Mapping

from provisioning.connect.ami import Ami
from provisioning.engine.user_state import UserState
from provisioning.services import application_settings, registrations, users
from provisioning.store import users as stored
from provisioning.store.database import transaction

ACTOR = "PBX"

_FAMILIES = ("CF", "CFB", "CFU", "CW", "DND")
# What the API takes too: a longer target would be no number of anybody.
_MAX_TARGET = 40
_MAX_SECONDS = 3600


def refresh() -> int:
    """Store what users have switched on, if the settings want it from the PBX; only what is new.

    Returns:
        How many users have switched something since.

    Raises:
        AmiProblem: the PBX does not tell; nothing was changed.
    """
    session = registrations.manager()
    if session is None or not application_settings.get().flag("state_from_pbx"):
        return 0
    extensions = {str(user.name): str(user.extension) for user in stored.with_device()}
    if not extensions:
        return 0
    with session as asterisk:
        told = {family: asterisk.database(family) for family in _FAMILIES}
        states = {
            name: _state(told, _ring_seconds(asterisk, extension), extension)
            for name, extension in extensions.items()
        }
    if not _changed(states, extensions):
        return 0
    with transaction():
        changed = _changed(states, extensions)  # as nobody else can change it meanwhile
        for name, state in changed.items():
            users.set_state(name, state, by=ACTOR)
    return len(changed)


def _changed(
    states: Mapping[str, UserState], extensions: Mapping[str, str]
) -> dict[str, UserState]:
    """The states that are not stored yet, of users who still have the extension."""
    return {
        str(user.name): states[user.name]
        for user in stored.with_device()
        if extensions.get(user.name) == user.extension
        and UserState(**user.state) != states[user.name]
    }


def _ring_seconds(asterisk: Ami, extension: str) -> int | None:
    """How long a user's phones ring before the call goes on.

    Not read with its whole family, which holds everything that the PBX knows of every user.
    """
    text = asterisk.database_entry("AMPUSER", f"{extension}/followme/prering") or ""
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
    return seconds if seconds is not None and seconds <= _MAX_SECONDS else None


def _state(told: Mapping[str, Mapping[str, str]], seconds: int | None, extension: str) -> UserState:
    return UserState(
        dnd=told["DND"].get(extension) == "YES",
        call_waiting=told["CW"].get(extension) == "ENABLED",
        forward_always=_target(told["CF"], extension),
        forward_busy=_target(told["CFB"], extension),
        forward_timeout=_target(told["CFU"], extension),
        forward_timeout_seconds=seconds,
    )


def _target(told: Mapping[str, str], extension: str) -> str:
    target = told.get(extension, "")
    return target if target.isprintable() and len(target) <= _MAX_TARGET else ""
