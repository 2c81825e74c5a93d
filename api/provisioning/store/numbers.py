"""Who has which number of the PBX: users, phones, ports of gateways."""

from collections.abc import Sequence

from provisioning.store.tables import Gateway, GatewayPort, Link, User


def holders(numbers: Sequence[str], *, besides: str) -> dict[str, str]:
    """Which of some numbers are taken, and by what: a device, or another user's extension.

    Args:
        numbers: the numbers.
        besides: the user whose own extension does not count.
    """
    wanted = list(numbers)
    others = User.select().where(User.extension.in_(wanted) & (User.name != besides))
    phones = Link.select().where(Link.number.in_(wanted))
    ports = GatewayPort.select(GatewayPort, Gateway).join(Gateway)
    return {
        **{str(user.extension): f"user {user.name}" for user in others},
        **{str(link.number): str(link.phone_id) for link in phones},
        **{
            str(port.extension): of_port(str(port.gateway.mac), port.number)
            for port in ports.where(GatewayPort.extension.in_(wanted))
        },
    }


def of_devices() -> dict[str, str]:
    """Every number that a device has, and which device that is."""
    ports = GatewayPort.select(GatewayPort, Gateway).join(Gateway)
    return {
        **{str(link.number): str(link.phone_id) for link in Link.select(Link.number, Link.phone)},
        **{
            str(port.extension): of_port(str(port.gateway.mac), port.number)
            for port in ports.where(GatewayPort.extension.is_null(False))
        },
    }


def of_port(mac: str, number: int) -> str:
    """How a port of a gateway is named as the holder of a number."""
    return f"gateway {mac} port {number}"
