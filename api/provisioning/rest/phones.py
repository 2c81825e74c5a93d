"""Phones: list, register, look at, change, remove."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.mac import MacAddress
from provisioning.rest import contact, current, proof
from provisioning.rest.contact import ContactSchema
from provisioning.rest.fields import Mac, line, sent_variables, shown_variables
from provisioning.rest.links import LinkAnswer
from provisioning.rest.paging import PageQuery, page, page_of, part, sorted_by, sorting
from provisioning.rest.proof import ProofSchema
from provisioning.rest.resource import Resource, created_at
from provisioning.rest.sent_settings import checked
from provisioning.services import layouts, lint, phone_lists, phones
from provisioning.services.concurrency import alone
from provisioning.services.phone_lists import FACETS, SORTS, STATES, Filter, Listed
from provisioning.services.phones import Facts, PhoneDetails
from provisioning.services.secrets import hide_all

resource = Resource("phones", "Registered phones.")

_FACTS = ("location", "tags", "note", "serial", "check_code")
_STATE_WORDS = [*STATES, "fine"]


class PhoneFilter(Schema):
    """Which phones; everything that is given must hold."""

    search = line(
        200,
        load_default="",
        metadata={
            "description": "Part of name, location, note, serial, IP address, user, extension, "
            "number or model, or of the MAC address in any notation."
        },
    )
    model = line(128, load_default=None, metadata={"description": "Exactly this model."})
    vendor = line(32, load_default=None)
    tag = line(64, load_default=None)
    location = line(500, load_default=None)
    user = line(128, load_default=None, metadata={"description": "The user's name."})
    group = line(200, load_default=None, metadata={"description": "The user's group."})
    firmware = line(64, load_default=None)
    host = line(
        253,
        load_default=None,
        metadata={"description": "The name of this server by which the phone asked last."},
    )
    moved = fields.Boolean(
        load_default=None,
        metadata={
            "description": "After a change of the host name: whether that is the name which the "
            "phone's settings tell; false lists the stragglers."
        },
    )
    state = fields.String(load_default=None, validate=validate.OneOf(_STATE_WORDS))


class PhoneQuery(PageQuery, PhoneFilter):
    """Which phones, in which order, counted by what."""

    sort = fields.String(load_default="mac", validate=validate.OneOf(sorted_by(SORTS)))
    facets = fields.String(
        load_default="",
        validate=validate.Regexp(rf"^(?:(?:{'|'.join(FACETS)})(?:,(?!$)|$))*$"),
        metadata={
            "description": f"Count the phones that match by these, separated by commas: "
            f"{', '.join(FACETS)}.",
            "example": "model,state",
        },
    )


class FactFields(Schema):
    """What the site knows of a phone besides its settings."""

    location = line(500)
    tags = fields.List(line(64), validate=validate.Length(max=phones.MAX_TAGS))
    note = line(500)
    serial = line(64, metadata={"description": "As on the label."})
    check_code = line(
        4, metadata={"description": "Behind the MAC address on the label of a Gigaset phone."}
    )


class NewPhone(FactFields):
    """A phone to register."""

    mac = Mac(required=True, metadata={"example": "00-15-65-AA-BB-01"})
    model = line(
        128, load_default="", metadata={"description": "May be unknown: the defaults apply."}
    )
    display_name = line(200, load_default="")
    variables = sent_variables(load_default=dict)


class PhoneChange(FactFields):
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
    location = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    note = fields.String(required=True)
    serial = fields.String(required=True)
    check_code = fields.String(required=True)
    links = fields.List(fields.Nested(LinkAnswer), required=True)
    contact = fields.Nested(ContactSchema, required=True, allow_none=True)
    proof = fields.Nested(ProofSchema, required=True)
    states = fields.List(
        fields.String(validate=validate.OneOf(list(STATES))),
        required=True,
        metadata={"description": "What wants attention, the worst first."},
    )


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
    layouts = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Key layouts applied to this very phone."},
    )
    first_access = fields.Boolean(
        required=True,
        metadata={"description": "Whether its first-access token still opens the configuration."},
    )
    warnings = fields.List(fields.Nested(WarningSchema), required=True)


PhonePage = page_of(
    PhoneInList,
    "PhonePage",
    facets=fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
        metadata={"description": "By facet and value: how many of the phones that match."},
    ),
)


@resource.get("")
@resource.query(PhoneQuery)
@resource.answer(200, PhonePage)
def list_phones(query: Mapping[str, Any]) -> Mapping[str, object]:
    """List phones, and count them by what they have in common."""
    wanted, vendor = filter_of(query), query["vendor"]
    site = current.site()
    total, found = phone_lists.page(site, wanted, vendor=vendor, **sorting(query), **part(query))
    facets = [facet for facet in query["facets"].split(",") if facet]
    return {
        **page(query, total, [_in_list(row) for row in found]),
        "facets": phone_lists.counts(site, wanted, facets, vendor=vendor),
    }


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
        variables=checked(given["variables"], {}),
        facts=facts_of(given),
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
    """Change model, name, facts or settings of a phone, all or nothing."""
    with alone():
        seen = phones.get(current.site(), mac)
        resource.match(_version(seen), PhoneAnswer, lambda: phone_answer(seen))
        changed = phones.change(
            current.site(),
            mac,
            model=given.get("model"),
            display_name=given.get("display_name"),
            variables=checked(given.get("variables", {}), seen.variables),
            facts={name: given[name] for name in _FACTS if name in given},
            by=current.actor(),
        )
    return _answer(changed)


@resource.delete("/<mac:mac>")
@resource.versioned
@resource.answer(204)
def delete_phone(mac: MacAddress) -> None:
    """Remove a phone; its tokens end, and its links with their SIP secrets."""
    with alone():
        seen = phones.get(current.site(), mac)
        resource.match(_version(seen), PhoneAnswer, lambda: phone_answer(seen))
        phones.delete(mac, by=current.actor())


@resource.post("/<mac:mac>/tok1")
@resource.answer(204)
def new_first_access(mac: MacAddress) -> None:
    """Give a phone a new first-access token, e.g. after a factory reset."""
    phones.rotate_tok1(mac, by=current.actor())


def filter_of(given: Mapping[str, Any], macs: Sequence[str] = ()) -> Filter:
    """Which phones, as services take it; the vendor is given beside it."""
    return Filter(
        search=given["search"],
        models=None if given["model"] is None else [given["model"]],
        tag=given["tag"],
        location=given["location"],
        user=given["user"],
        group=given["group"],
        firmware=given["firmware"],
        host=given["host"],
        moved=given["moved"],
        state=given["state"],
        macs=macs,
    )


def facts_of(given: Mapping[str, Any]) -> Facts:
    """The facts of a body; what it leaves out is empty."""
    return Facts(**{name: given[name] for name in _FACTS if name in given})


def version_of(state: Mapping[str, Any], tok2: str | None) -> object:
    """What of a phone can be changed, for its ETag."""
    # The token makes the digest of a weak password useless to whoever reads an ETag in a log.
    facts = {name: state[name] for name in _FACTS}
    return [state["model"], state["display_name"], state["variables"], facts, tok2]


def _version(phone: PhoneDetails) -> object:
    told = {name: getattr(phone, name) for name in ("model", "display_name", "variables")}
    return version_of({**told, **asdict(phone.facts)}, phone.tok2)


def _vendor(mac: MacAddress) -> str | None:
    vendor = current.site().library.vendor_of(mac)
    return vendor.id if vendor else None


def _in_list(row: Listed) -> Mapping[str, object]:
    phone = row.phone
    return {
        "mac": phone.mac,
        "vendor": _vendor(MacAddress.parse(str(phone.mac))),
        "model": phone.model,
        "display_name": phone.display_name,
        "location": phone.location,
        "tags": row.tags,
        "note": phone.note,
        "serial": phone.serial,
        "check_code": phone.check_code,
        "links": row.links,
        "contact": contact.answer(row.contact),
        "proof": proof.answer(row.proof, row.contact),
        "states": row.states,
    }


def _answer(phone: PhoneDetails) -> Mapping[str, object]:
    resource.tag(_version(phone))
    return phone_answer(phone)


def phone_answer(phone: PhoneDetails) -> Mapping[str, object]:
    """A phone as it is answered."""
    site = current.site()
    _, [row] = phone_lists.page(site, Filter(macs=[str(phone.mac)]), offset=0, limit=1)
    return {
        **_in_list(row),
        "variables": hide_all(site.catalogue, phone.variables),
        "layouts": layouts.of_phone(phone.mac),
        "first_access": phone.tok1 is not None,
        "warnings": [
            {"code": concern.code, "found": concern.found, "expected": concern.expected}
            for concern in lint.concerns_of(site, phone.model, phone.contact)
        ],
    }
