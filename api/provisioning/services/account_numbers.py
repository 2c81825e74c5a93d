"""By which numbers the PBX knows phones: of their links, or of accounts in their own settings.

A site without a connector, or one that came from elsewhere, has accounts in the settings of phones:
they are asked to fetch, and seen to be registered, like those that users gave them.
"""

from collections.abc import Iterator, Mapping

from provisioning.services.links import MAX_LINES
from provisioning.services.scopes import layers_of
from provisioning.services.site import Site
from provisioning.store import links, proofs, settings_search
from provisioning.store.devices import StoredDevice

_MEMBERS = ("account_extension", "account_username")


def of_phone(site: Site, device: StoredDevice) -> list[str]:
    """The numbers of a phone, those of its first account in front.

    An account that the PBX has yet to make has none, whatever lies below its link.
    """
    unmade = [link.line for link in links.of_phone(device.mac) if not link.confirmed]
    return list(_numbers(layers_of(site, device).merged(), without=unmade))


def everyone() -> Mapping[str, str]:
    """Which phone has which number; one of a link is nobody else's."""
    return {**{number: mac for mac, number in _of_settings()}, **proofs.phones_of_numbers()}


def _of_settings() -> Iterator[tuple[str, str]]:
    found = settings_search.containing([f'"{name}_' for name in _MEMBERS])
    phones = {mac: settings for kind, mac, settings in found if kind == "phone"}
    linked = links.of_phones(list(phones))
    for mac, settings in phones.items():
        own = {name: value for name, value in settings.items() if value}
        hidden = [link.line for link in linked.get(mac, ())]
        yield from ((mac, number) for number in _numbers(own, without=hidden))


def _numbers(settings: Mapping[str, str], *, without: list[int]) -> Iterator[str]:
    found = (
        settings.get(f"{name}_{line}", "")
        for line in range(1, MAX_LINES + 1)
        if line not in without
        for name in _MEMBERS
    )
    return (number for number in dict.fromkeys(found) if number)
