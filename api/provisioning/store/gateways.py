"""Queries for gateways and their ports."""

import time
from collections.abc import Collection, Mapping, Sequence

from provisioning.store.tables import Gateway, GatewayPort, User


def find(mac: str) -> Gateway | None:
    """The gateway with an address on its label."""
    found: Gateway | None = Gateway.get_or_none(Gateway.mac == mac)
    return found


def with_token(token: str) -> Gateway | None:
    """The gateway whose file a token opens."""
    found: Gateway | None = Gateway.get_or_none(Gateway.token == token)
    return found


def everyone() -> list[Gateway]:
    """All gateways by name."""
    return list(Gateway.select().order_by(Gateway.name))


def page(*, search: str, offset: int, limit: int) -> tuple[int, list[Gateway]]:
    """Gateways by name, with how many there are in all.

    Args:
        search: part of name, MAC id, model or address.
        offset: how many to leave out first.
        limit: how many to return.
    """
    query = Gateway.select()
    if search:
        query = query.where(
            Gateway.name.contains(search)
            | Gateway.mac.contains(search)
            | Gateway.model.contains(search)
            | Gateway.address.contains(search)
        )
    count: int = query.count()
    return count, list(query.order_by(Gateway.name).offset(offset).limit(limit))


def insert(mac: str, **columns: object) -> int:
    """Add a gateway; returns its number."""
    number: int = Gateway.insert(mac=mac, created_at=time.time(), **columns).execute()
    return number


def update(number: int, **columns: object) -> None:
    """Change columns of a gateway."""
    Gateway.update(**columns).where(Gateway.id == number).execute()


def delete(number: int) -> None:
    """Remove a gateway with its ports and uploads."""
    Gateway.delete().where(Gateway.id == number).execute()


def ports(numbers: Collection[int]) -> dict[int, list[GatewayPort]]:
    """The ports of some gateways by number, with their users, by gateway."""
    found: dict[int, list[GatewayPort]] = {number: [] for number in numbers}
    query = GatewayPort.select(GatewayPort, User).left_outer_join(User)
    for port in query.where(GatewayPort.gateway.in_(list(numbers))).order_by(GatewayPort.number):
        found[port.gateway_id].append(port)
    return found


def all_ports() -> list[GatewayPort]:
    """The ports of all gateways, with gateway and user."""
    query = GatewayPort.select(GatewayPort, Gateway, User)
    query = query.join(Gateway).switch(GatewayPort).left_outer_join(User)
    return list(query.order_by(Gateway.mac, GatewayPort.number))


def replace_ports(gateway: int, rows: Sequence[Mapping[str, object]]) -> None:
    """Write all ports of a gateway: each row is its columns by name."""
    GatewayPort.delete().where(GatewayPort.gateway == gateway).execute()
    if rows:
        GatewayPort.insert_many([{**row, "gateway": gateway} for row in rows]).execute()


def ports_of_users(names: Collection[str]) -> list[GatewayPort]:
    """The ports that belong to some users, with gateway and user, by number."""
    query = GatewayPort.select(GatewayPort, Gateway, User)
    query = query.join(Gateway).switch(GatewayPort).join(User)
    return list(query.where(User.name.in_(list(names))).order_by(GatewayPort.extension))


def trunk_numbers() -> set[str]:
    """The numbers of all trunks."""
    return {
        str(port.trunk_number)
        for port in GatewayPort.select(GatewayPort.trunk_number).where(
            GatewayPort.trunk_number.is_null(False)
        )
    }


def trunk_names() -> set[str]:
    """The names of all trunks."""
    return {
        str(port.trunk_name)
        for port in GatewayPort.select(GatewayPort.trunk_name).where(
            GatewayPort.trunk_name.is_null(False)
        )
    }
