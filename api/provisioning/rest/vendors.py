"""Vendors: whose phones are known, and how they are recognised."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from marshmallow import Schema, fields

from provisioning.engine.vendors import Vendor
from provisioning.rest import current
from provisioning.rest.paging import all_of
from provisioning.rest.resource import Resource
from provisioning.services.errors import NotFound

resource = Resource("vendors", "Vendors of phones.")


class VendorSchema(Schema):
    """A vendor."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    prefixes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Of its MAC addresses, six digits.", "example": ["001565"]},
    )
    models = fields.Integer(required=True, metadata={"description": "How many are shipped."})
    accounts = fields.Integer(
        required=True, metadata={"description": "SIP accounts of a model nothing is known of."}
    )
    dhcp = fields.Dict(
        required=True, metadata={"description": "Which DHCP options its phones ask for."}
    )
    firmware_page = fields.String(required=True)
    minimum_firmware = fields.String(required=True)


@resource.get("")
@resource.answer(200, all_of(VendorSchema, "VendorList"))
def list_vendors() -> Mapping[str, object]:
    """All vendors."""
    models = _models()
    found = current.site().library.vendors.values()
    return {"items": [_answer(vendor, models[vendor.id]) for vendor in found]}


@resource.get("/<vendor_id>")
@resource.answer(200, VendorSchema)
def show_vendor(vendor_id: str) -> Mapping[str, object]:
    """One vendor."""
    found = current.site().library.vendors.get(vendor_id)
    if found is None:
        raise NotFound("vendor", vendor_id)
    return _answer(found, _models()[vendor_id])


def _models() -> Counter[str]:
    return Counter(model.vendor for model in current.site().library.models.values())


def _answer(vendor: Vendor, models: int) -> Mapping[str, object]:
    return {
        "id": vendor.id,
        "name": vendor.name,
        "prefixes": vendor.prefixes,
        "models": models,
        "accounts": vendor.accounts,
        "dhcp": asdict(vendor.dhcp),
        "firmware_page": vendor.firmware_page,
        "minimum_firmware": vendor.minimum_firmware,
    }
