"""MAC addresses in cells."""

from provisioning.engine.mac import MacAddress
from provisioning.engine.table_errors import CellErrors
from provisioning.engine.table_file import Row
from provisioning.engine.values import shown

_ALLOWED = "six pairs of hexadecimal digits, like 00-15-65-AA-BB-01 or 001565aabb01"


def address_of(row: Row) -> MacAddress | None:
    """The address in the column ``mac``; None if that is none."""
    try:
        return MacAddress.parse(row["mac"])
    except ValueError:
        return None


def refuse_address(row: Row, errors: CellErrors) -> None:
    """Note that what stands in the column ``mac`` is no address."""
    detail = f'"{shown(row["mac"])}" is not a MAC address.'
    errors.add(row.number, "mac", row["mac"], detail, _ALLOWED)
