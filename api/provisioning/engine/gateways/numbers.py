"""Names and numbers of the trunks that a gateway's lines are to the PBX.

A trunk's name is SIP user, address of record and From user. Its number is a prefix: the PBX dials
it before the number, the gateway picks the port by it and takes it away again.

Source: the names and numbers that NethVoice 8 gives to such trunks.
"""

import re
from collections.abc import Collection

from provisioning.engine.gateways.brands import Brand, LineType
from provisioning.engine.mac import MacAddress

FIRST_TRUNK_NUMBER, LAST_TRUNK_NUMBER = 20_001, 29_999
TRUNK_NUMBER_ALLOWED = f"five digits, {FIRST_TRUNK_NUMBER} to {LAST_TRUNK_NUMBER}"
TRUNK_NAME_ALLOWED = "a name like Patton_a1b2c3_isdn_0"

_NUMBER = re.compile("2[0-9]{4}")
_NAME = re.compile("[A-Za-z0-9]{1,20}_[0-9a-f]{6}_[a-z]{1,8}_[0-9]{1,2}")


class NoTrunkNumberLeft(ValueError):
    """All trunk numbers are taken."""

    def __init__(self) -> None:
        super().__init__(
            f"all numbers of trunks are taken, {FIRST_TRUNK_NUMBER} to {LAST_TRUNK_NUMBER}"
        )


def trunk_name(brand: Brand, line: LineType, mac: MacAddress, port: int) -> str:
    """The name of the trunk of a port, e.g. ``Patton_a1b2c3_isdn_0``.

    Args:
        brand: says what the first port is called.
        line: the kind of port, which must be one with a trunk.
        mac: the gateway's address, as it is on the label.
        port: number of the port, from 1.

    Raises:
        ValueError: the kind of port has no trunk.
    """
    if not line.has_trunk:
        raise ValueError(f"a port of type {line.id} has no trunk")
    label = port - 1 + brand.first_port
    return f"{brand.trunk_prefix}_{mac.bare[-6:]}_{line.trunk_word}_{label}"


def is_trunk_name(text: str) -> bool:
    """Whether a text may be the name of a trunk: one harmless word."""
    return _NAME.fullmatch(text) is not None


def is_trunk_number(text: str) -> bool:
    """Whether a text may be the number of a trunk.

    All have five digits, so that none begins with another.
    """
    return _NUMBER.fullmatch(text) is not None and int(text) >= FIRST_TRUNK_NUMBER


def free_trunk_number(taken: Collection[str]) -> str:
    """The lowest trunk number that is free.

    Args:
        taken: the numbers of all trunks there are. Counting them would give a number twice after
            one was deleted.

    Raises:
        NoTrunkNumberLeft: all are taken.
    """
    used = frozenset(taken)
    for number in range(FIRST_TRUNK_NUMBER, LAST_TRUNK_NUMBER + 1):
        if str(number) not in used:
            return str(number)
    raise NoTrunkNumberLeft
