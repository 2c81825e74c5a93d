"""Addresses of the API and what may stand in them."""

from werkzeug.routing import BaseConverter, ValidationError

from provisioning.engine.mac import MacAddress

BASE = "/api/v1"

MAX_NUMBER = 2**63 - 1
"""The database numbers no higher."""

NUMBER = f"int(min=1, max={MAX_NUMBER})"
"""What converts a number that the database gave."""

MAC_SCHEMA = {
    "type": "string",
    "pattern": "^(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}$",
    "example": "00-15-65-AA-BB-01",
    "description": "MAC address; the other usual notations are taken too.",
}


class MacConverter(BaseConverter):
    """A phone in a path, in any notation; what is no address is no path of ours (404)."""

    def to_python(self, value: str) -> MacAddress:
        """Read the address."""
        try:
            return MacAddress.parse(value)
        except ValueError:
            raise ValidationError from None
