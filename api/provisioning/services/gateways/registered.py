"""Which ports of a gateway are registered with the PBX: the last proof that it works."""

from dataclasses import dataclass

from provisioning.connect.ami import AmiProblem
from provisioning.engine.mac import MacAddress
from provisioning.services import registrations
from provisioning.services.gateways import states


@dataclass(frozen=True, slots=True)
class PortRegistration:
    """How a port that is switched on stands with the PBX."""

    number: int
    account: str
    """The trunk's name, or the number."""
    registered: bool | None
    """None: the PBX does not tell."""
    address: str | None
    """From where."""


def of_gateway(mac: MacAddress) -> tuple[list[PortRegistration], str | None]:
    """The ports of a gateway that should register, and why the PBX does not tell, if so.

    Raises:
        NotFound: no such gateway.
    """
    state = states.get(mac).state
    accounts = [
        (port.number, account)
        for port in state.ports
        if port.enabled and (account := port.trunk_name or port.extension)
    ]
    if registrations.manager() is None:
        reason = "No Manager of Asterisk is set that could tell."
        return [PortRegistration(n, account, None, None) for n, account in accounts], reason
    try:
        there = registrations.contacts()
    except AmiProblem as problem:
        return [PortRegistration(n, account, None, None) for n, account in accounts], str(problem)
    found = []
    for number, account in accounts:
        contacts = there.get(account, [])
        address = (contacts[0].address or None) if contacts else None
        found.append(PortRegistration(number, account, bool(contacts), address))
    return found, None
