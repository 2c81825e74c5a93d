"""Users: people with an extension and up to eight devices."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from provisioning.engine.user_state import UserState
from provisioning.rest import current
from provisioning.rest.fields import line, moment
from provisioning.rest.links import LinkAnswer
from provisioning.rest.paging import PageQuery, page, page_of, part, sorted_by, sorting
from provisioning.rest.resource import Resource, created_at
from provisioning.services import links, users
from provisioning.services.concurrency import alone
from provisioning.services.gateways import reading
from provisioning.services.gateways.reading import PortOfUser
from provisioning.services.links import LinkDetails
from provisioning.services.users import NewUser
from provisioning.store.tables import User

resource = Resource("users", "People whose devices ring together.")


class UserQuery(PageQuery):
    """Which users."""

    search = line(200, load_default="")
    group = line(200, load_default=None)
    sort = fields.String(load_default="name", validate=validate.OneOf(sorted_by(users.SORTS)))
    linked = fields.Boolean(
        load_default=None, metadata={"description": "With or without a device."}
    )
    gone = fields.Boolean(
        load_default=None, metadata={"description": "Gone from the user domain, or not."}
    )


class UserFields(Schema):
    """What is known of a user."""

    display_name = line(200, load_default="")
    extension = line(6, required=True, metadata={"description": "Main extension, 2 to 6 digits."})
    email = line(200, load_default="")
    group = line(200, load_default="")
    locked = fields.Boolean(load_default=False)


class UserWithName(UserFields):
    """A user to add."""

    name = line(128, required=True)


class UserChange(Schema):
    """What to change; what is left out stays."""

    display_name = line(200)
    extension = line(6)
    email = line(200)
    group = line(200)
    locked = fields.Boolean()


class UserList(Schema):
    """All users of a user domain."""

    users = fields.List(
        fields.Nested(UserWithName), required=True, validate=validate.Length(max=20_000)
    )


class GatewayPortOfUser(Schema):
    """A telephone at a gateway."""

    gateway = fields.String(required=True)
    port = fields.Integer(required=True)
    number = fields.String(required=True)


class UserAnswer(Schema):
    """A user with the devices."""

    name = fields.String(required=True)
    display_name = fields.String(required=True)
    extension = fields.String(required=True)
    email = fields.String(required=True)
    group = fields.String(required=True)
    locked = fields.Boolean(required=True)
    removed_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "Gone from the user domain."}
    )
    links = fields.List(fields.Nested(LinkAnswer), required=True)
    gateway_ports = fields.List(fields.Nested(GatewayPortOfUser), required=True)


class SyncAnswer(Schema):
    """What a pushed list changed."""

    created = fields.List(fields.String(), required=True)
    changed = fields.List(fields.String(), required=True)
    removed = fields.List(fields.String(), required=True)
    refused = fields.List(fields.Dict(keys=fields.String()), required=True)


class StateSchema(Schema):
    """What a user has switched on."""

    dnd = fields.Boolean(load_default=False)
    call_waiting = fields.Boolean(load_default=True)
    forward_always = line(40, load_default="")
    forward_busy = line(40, load_default="")
    forward_timeout = line(40, load_default="")
    forward_timeout_seconds = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=3600)
    )


@resource.get("")
@resource.query(UserQuery)
@resource.answer(200, page_of(UserAnswer, "UserPage"))
def list_users(query: Mapping[str, Any]) -> Mapping[str, object]:
    """List users by name."""
    total, found = users.page(
        group=query["group"],
        search=query["search"],
        linked=query["linked"],
        gone=query["gone"],
        **sorting(query),
        **part(query),
    )
    return page(query, total, _answers(found))


@resource.post("")
@resource.versioned
@resource.body(UserWithName)
@resource.answer(201, UserAnswer)
def create_user(given: Mapping[str, Any]) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """Add a user."""
    made = users.create(NewUser(**given), by=current.actor())
    return _tagged(made), created_at(f"users/{made.name}")


@resource.put("")
@resource.body(UserList)
@resource.answer(200, SyncAnswer)
def sync_users(given: Mapping[str, Any]) -> Mapping[str, object]:
    """Take over all users of a user domain: who is missing is marked as gone."""
    result = users.sync([NewUser(**user) for user in given["users"]], by=current.actor())
    refused = [{"name": name, "reason": reason} for name, reason in result.refused]
    return {**asdict(result), "refused": refused}


@resource.get("/<name>")
@resource.versioned
@resource.answer(200, UserAnswer)
def show_user(name: str) -> Mapping[str, object]:
    """Look at a user."""
    return _tagged(users.get(name))


@resource.patch("/<name>")
@resource.versioned
@resource.body(UserChange)
@resource.answer(200, UserAnswer)
def change_user(given: Mapping[str, Any], name: str) -> Mapping[str, object]:
    """Change a user; names and labels on the phones follow."""
    with alone():
        _match(users.get(name))
        changed = users.change(name, given, by=current.actor())
    return _tagged(changed)


@resource.delete("/<name>")
@resource.versioned
@resource.answer(204)
def delete_user(name: str) -> None:
    """Remove a user who has no device."""
    with alone():
        _match(users.get(name))
        users.delete(name, by=current.actor())


@resource.get("/<name>/state")
@resource.versioned
@resource.answer(200, StateSchema)
def show_state(name: str) -> UserState:
    """Tell what a user has switched on."""
    return _tagged_state(users.state(name))


@resource.put("/<name>/state")
@resource.versioned
@resource.body(StateSchema)
@resource.answer(200, StateSchema)
def set_state(given: Mapping[str, Any], name: str) -> UserState:
    """Switch do not disturb, forwarding and call waiting; the phones are asked to fetch.

    A PBX that only ever tells what is true sends `If-Match: *`.
    """
    with alone():
        seen = users.state(name)
        resource.match(asdict(seen), StateSchema, lambda: asdict(seen))
        return _tagged_state(users.set_state(name, UserState(**given), by=current.actor()))


def _tagged_state(state: UserState) -> UserState:
    resource.tag(asdict(state))
    return state


def _match(user: User) -> None:
    resource.match(_version(user), UserAnswer, lambda: _with_devices(user))


def _tagged(user: User) -> Mapping[str, object]:
    resource.tag(_version(user))
    return _with_devices(user)


def _with_devices(user: User) -> Mapping[str, object]:
    return _answers([user])[0]


def _version(user: User) -> object:
    return [user.name, user.display_name, user.extension, user.email, user.group, user.locked]


def _answers(found: Sequence[User]) -> list[Mapping[str, object]]:
    names = [str(user.name) for user in found]
    phones, ports = links.of_users(names), reading.ports_of_users(names)
    return [_answer(user, phones[str(user.name)], ports[str(user.name)]) for user in found]


def _answer(
    user: User, phones: Sequence[LinkDetails], ports: Sequence[PortOfUser]
) -> Mapping[str, object]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "extension": user.extension,
        "email": user.email,
        "group": user.group,
        "locked": user.locked,
        "removed_at": moment(user.removed_at),
        "links": phones,
        "gateway_ports": ports,
    }
