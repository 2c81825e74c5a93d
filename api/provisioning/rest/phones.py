"""Phones: list, register, look at, change, remove."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import contact, current
from provisioning.rest.contact import ContactSchema
from provisioning.rest.fields import Mac, line, sent_variables, shown_variables
from provisioning.rest.paging import PageQuery, page, page_of, part
from provisioning.rest.resource import Resource, created_at
from provisioning.services import lint, phones, requests
from provisioning.services.concurrency import alone
from provisioning.services.phones import PhoneDetails
from provisioning.services.secrets import hide_all, without_masks
from provisioning.store.tables import Contact, Phone

resource = Resource("phones", "Registered phones.")


class PhoneQuery(PageQuery):
    """Which phones."""

    search = line(200, load_default="", metadata={"description": "Part of name or MAC address."})
    model = line(128, load_default=None, metadata={"description": "Exactly this model."})


class NewPhone(Schema):
    """A phone to register."""

    mac = Mac(required=True, metadata={"example": "00-15-65-AA-BB-01"})
    model = line(
        128, load_default="", metadata={"description": "May be unknown: the defaults apply."}
    )
    display_name = line(200, load_default="")
    variables = sent_variables(load_default=dict)


class PhoneChange(Schema):
    """What to change; what is left out stays."""

    model = line(128)
    display_name = line(200)
    variables = sent_variables()


class PhoneInList(Schema):
    """A phone without its settings."""

    mac = fields.String(required=True)
    vendor = fields.String(
        required=True, allow_none=True, metadata={"description": "By its address."}
    )
    model = fields.String(required=True)
    display_name = fields.String(required=True)
    contact = fields.Nested(ContactSchema, required=True, allow_none=True)


class WarningSchema(Schema):
    """A reason to look at a phone: what it says of itself is not what was chosen."""

    code = fields.String(
        required=True,
        validate=validate.OneOf(["other_vendor", "other_model", "firmware_too_old"]),
    )
    found = fields.String(required=True, metadata={"description": "What the phone says."})
    expected = fields.String(required=True)


class PhoneAnswer(PhoneInList):
    """A phone with its own settings, secrets masked."""

    variables = shown_variables()
    first_access = fields.Boolean(
        required=True,
        metadata={"description": "Whether its first-access token still opens the configuration."},
    )
    warnings = fields.List(fields.Nested(WarningSchema), required=True)


@resource.get("")
@resource.query(PhoneQuery)
@resource.answer(200, page_of(PhoneInList, "PhonePage"))
def list_phones(query: Mapping[str, Any]) -> Mapping[str, object]:
    """List phones by MAC address."""
    total, found = phones.page(model=query["model"], search=query["search"], **part(query))
    contacts = requests.last_contacts([str(phone.mac) for phone in found])
    return page(query, total, [_in_list(phone, contacts.get(str(phone.mac))) for phone in found])


@resource.post("")
@resource.versioned
@resource.body(NewPhone)
@resource.answer(201, PhoneAnswer)
def register_phone(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Register a phone; it gets its tokens, see its secrets."""
    made = phones.create(
        current.site(),
        given["mac"],
        model=given["model"],
        display_name=given["display_name"],
        variables=_checked(given["variables"], {}),
        by=current.actor(),
    )
    return _answer(made), created_at(f"phones/{made.mac}")


@resource.get("/<mac:mac>")
@resource.versioned
@resource.answer(200, PhoneAnswer)
def show_phone(mac: MacAddress) -> Mapping[str, object]:
    """Look at a phone."""
    return _answer(phones.get(current.site(), mac))


@resource.patch("/<mac:mac>")
@resource.versioned
@resource.body(PhoneChange)
@resource.answer(200, PhoneAnswer)
def change_phone(given: Mapping[str, Any], mac: MacAddress) -> Mapping[str, object]:
    """Change model, name or settings of a phone, all or nothing."""
    with alone():
        seen = phones.get(current.site(), mac)
        resource.match(_version(seen))
        changed = phones.change(
            current.site(),
            mac,
            model=given.get("model"),
            display_name=given.get("display_name"),
            variables=_checked(given.get("variables", {}), seen.variables),
            by=current.actor(),
        )
    return _answer(changed)


@resource.delete("/<mac:mac>")
@resource.versioned
@resource.answer(204)
def delete_phone(mac: MacAddress) -> None:
    """Remove a phone; its tokens end."""
    with alone():
        resource.match(_version(phones.get(current.site(), mac)))
        phones.delete(mac, by=current.actor())


@resource.post("/<mac:mac>/tok1")
@resource.answer(204)
def new_first_access(mac: MacAddress) -> None:
    """Give a phone a new first-access token, e.g. after a factory reset."""
    phones.rotate_tok1(mac, by=current.actor())


def _checked(sent: Mapping[str, object], present: Mapping[str, str]) -> dict[str, str | None]:
    catalogue = current.site().catalogue
    return catalogue.check(without_masks(catalogue, sent, present))


def _version(phone: PhoneDetails) -> object:
    # The token makes the digest of a weak password useless to whoever reads an ETag in a log.
    return [phone.model, phone.display_name, phone.variables, phone.tok2]


def _vendor(mac: MacAddress) -> str | None:
    vendor = current.site().library.vendor_of(mac)
    return vendor.id if vendor else None


def _in_list(phone: Phone, last: Contact | None) -> Mapping[str, object]:
    return {
        "mac": phone.mac,
        "vendor": _vendor(MacAddress.parse(str(phone.mac))),
        "model": phone.model,
        "display_name": phone.display_name,
        "contact": contact.answer(last),
    }


def _answer(phone: PhoneDetails) -> Mapping[str, object]:
    resource.tag(_version(phone))
    return {
        "mac": str(phone.mac),
        "vendor": _vendor(phone.mac),
        "model": phone.model,
        "display_name": phone.display_name,
        "contact": contact.answer(phone.contact),
        "variables": hide_all(current.site().catalogue, phone.variables),
        "first_access": phone.tok1 is not None,
        "warnings": [
            {"code": concern.code, "found": concern.found, "expected": concern.expected}
            for concern in lint.concerns_of(current.site(), phone.model, phone.contact)
        ],
    }
