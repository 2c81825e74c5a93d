"""Redirect services: accounts with them, and what they were told of each phone."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.connect.rps.catalogue import Field
from provisioning.connect.rps.problems import SENTENCES, Code
from provisioning.engine.mac import MacAddress
from provisioning.rest import current
from provisioning.rest.fields import TextSchema, line, moment, shown_variables, text
from provisioning.rest.operations import OperationAnswer, started
from provisioning.rest.paging import PageQuery, all_of, page, page_of, part
from provisioning.rest.problems import below
from provisioning.rest.resource import Resource
from provisioning.services import redirect_accounts, redirections
from provisioning.services.concurrency import alone
from provisioning.services.redirect_accounts import Account
from provisioning.services.redirections import STATES, State

accounts = Resource(
    "redirect services", "Vendors' services that lead new phones here.", path="redirect-services"
)
resource = Resource("redirections", "What redirect services were told of phones.")
of_phone = Resource("phone redirection", "What a redirect service was told.", path="phones")


class AccountFieldSchema(Schema):
    """A piece of an account."""

    name = fields.String(required=True)
    label = fields.Nested(TextSchema, required=True)
    secret = fields.Boolean(required=True)
    default = fields.String(required=True, allow_none=True)
    values = fields.Dict(
        keys=fields.String(), values=fields.Nested(TextSchema), required=True, allow_none=True
    )


class ServiceAnswer(Schema):
    """A redirect service, and the account with it; secrets are masked."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    takes = fields.List(
        fields.String(), required=True, metadata={"description": "Vendors whose phones ask it."}
    )
    fields_ = fields.List(
        fields.Nested(AccountFieldSchema), required=True, data_key="fields", attribute="fields"
    )
    addresses = fields.List(fields.String(), required=True)
    can_look_up = fields.Boolean(required=True)
    can_remove = fields.Boolean(required=True)
    wants_serial = fields.Boolean(required=True)
    wants_check_code = fields.Boolean(required=True)
    unverified = fields.List(fields.String(), required=True)
    settings = shown_variables()
    vendors = fields.List(
        fields.String(), required=True, metadata={"description": "Whose phones it is used for."}
    )
    configured = fields.Boolean(required=True)


class AccountChange(Schema):
    """An account."""

    settings = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.String(validate=validate.Length(max=1_000)),
        required=True,
        metadata={"description": "By field; a mask stands for the secret that is stored."},
    )
    vendors = fields.List(line(32), required=True, validate=validate.Length(min=1, max=20))


class RedirectionAnswer(Schema):
    """How a phone stands with its vendor's redirect service."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))
    vendor = fields.String(required=True)
    service = fields.String(required=True, allow_none=True)
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "Of what went wrong last."}
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In English, with the service's own words."},
    )
    meaning = fields.Nested(
        TextSchema, required=True, allow_none=True, metadata={"description": "Of the code."}
    )
    has_pin = fields.Boolean(
        required=True,
        metadata={"description": "The phone asks for a PIN; see the phone's secrets."},
    )
    changed_at = fields.DateTime(required=True, allow_none=True)


class ListedRedirection(RedirectionAnswer):
    """The same in a list."""

    mac = fields.String(required=True)


class RedirectionQuery(PageQuery):
    """Which redirections."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


@accounts.get("")
@accounts.answer(200, all_of(ServiceAnswer, "RedirectServiceList"))
def list_services() -> Mapping[str, object]:
    """All redirect services, those to offer first in front."""
    return {"items": [_service(account) for account in redirect_accounts.list_all()]}


@accounts.get("/<kind>")
@accounts.versioned
@accounts.answer(200, ServiceAnswer)
def show_service(kind: str) -> Mapping[str, object]:
    """A redirect service."""
    return _tagged(redirect_accounts.get(kind))


@accounts.put("/<kind>")
@accounts.versioned
@accounts.body(AccountChange)
@accounts.answer(200, ServiceAnswer)
def save_account(given: Mapping[str, Any], kind: str) -> Mapping[str, object]:
    """Store an account; the phones of its vendors are registered with it."""
    with alone(), below("#/settings"):
        _match(redirect_accounts.get(kind))
        saved = redirect_accounts.save(
            kind, given["settings"], given["vendors"], by=current.actor()
        )
    return _tagged(saved)


@accounts.delete("/<kind>")
@accounts.versioned
@accounts.answer(204)
def delete_account(kind: str) -> None:
    """Forget an account; what the service was told stays there."""
    with alone():
        _match(redirect_accounts.get(kind))
        redirect_accounts.delete(kind, by=current.actor())


@resource.get("")
@resource.query(RedirectionQuery)
@resource.answer(200, page_of(ListedRedirection, "RedirectionPage"))
def list_redirections(query: Mapping[str, Any]) -> Mapping[str, object]:
    """What services were told of phones, the last changed first."""
    total, found = redirections.page(state=query["state"], **part(query))
    return page(query, total, [{"mac": mac, **_answer(state)} for mac, state in found])


@resource.delete("/<mac:mac>")
@resource.answer(204)
def dismiss(mac: MacAddress) -> None:
    """Forget a removed phone that its service still leads here."""
    redirections.dismiss(mac)


@of_phone.get("/<mac:mac>/redirection")
@of_phone.answer(200, RedirectionAnswer)
def show_redirection(mac: MacAddress) -> Mapping[str, object]:
    """How a phone stands with its vendor's redirect service."""
    return _answer(redirections.state_of(current.site(), mac))


@of_phone.post("/<mac:mac>/redirection")
@of_phone.answer(202, OperationAnswer)
def tell_again(mac: MacAddress) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Tell the service about a phone anew, e.g. after a failure."""
    made = redirections.start(current.site(), [mac], by=current.actor())
    return started(made)


def _match(found: Account) -> None:
    accounts.match(_version(found), ServiceAnswer, lambda: _service(found))


def _tagged(found: Account) -> Mapping[str, object]:
    accounts.tag(_version(found))
    return _service(found)


def _version(found: Account) -> object:
    return [found.kind.id, found.settings, found.vendors, found.change]


def _service(found: Account) -> Mapping[str, object]:
    kind = found.kind
    return {
        "id": kind.id,
        "name": kind.name,
        "takes": kind.vendors,
        "fields": [_field(field) for field in kind.fields],
        "addresses": kind.addresses,
        "can_look_up": kind.abilities.look_up != "no",
        "can_remove": kind.abilities.remove,
        "wants_serial": kind.abilities.serial,
        "wants_check_code": kind.abilities.check_code,
        "unverified": kind.unverified,
        "settings": found.settings or {},
        "vendors": found.vendors,
        "configured": found.settings is not None,
    }


def _field(field: Field) -> Mapping[str, object]:
    values = field.values
    return {
        "name": field.name,
        "label": text(field.label),
        "secret": field.secret,
        "default": field.default,
        "values": values and {value: text(label) for value, label in values.items()},
    }


def _answer(state: State) -> dict[str, object]:
    return {
        "state": state.state,
        "vendor": state.vendor,
        "service": state.service,
        "code": state.code,
        "reason": state.reason,
        "meaning": text(SENTENCES[Code(state.code)]) if state.code in set(Code) else None,
        "has_pin": state.has_pin,
        "changed_at": moment(state.changed_at),
    }
