"""Accounts in a phone's own settings: written there by a PBX, not by a link.

Where a link gives the phone the same account, they are hidden below it. They would show through,
with the old secret, as soon as the link is gone.
"""

from collections.abc import Collection, Mapping

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Variables, changed
from provisioning.services import phones
from provisioning.services.move_effects import Effect
from provisioning.services.phones import State
from provisioning.services.site import Site


def lines_of(catalogue: Catalogue, variables: Mapping[str, str]) -> dict[int, list[str]]:
    """The settings that a PBX writes for accounts, by account."""
    found: dict[int, list[str]] = {}
    for name in variables:
        parameter = catalogue.find(name)
        if parameter and parameter.index == "account" and parameter.writer in ("pbx", "runtime"):
            found.setdefault(int(name.rpartition("_")[2]), []).append(name)
    return found


def without(
    catalogue: Catalogue, line: int, *, before: Mapping[str, str], after: Variables
) -> Variables:
    """A phone's own settings without what they have said so far of an account.

    Args:
        catalogue: tells which settings are of accounts.
        line: the account.
        before: the settings as they are.
        after: as they are to be otherwise; a value that is new in them is meant, and stays.
    """
    gone = lines_of(catalogue, before).get(line, ())
    return {n: value for n, value in after.items() if n not in gone or value != before[n]}


def remove(site: Site, mac: MacAddress, lines: Collection[int], *, by: str) -> list[Effect]:
    """Take what stands for some accounts out of a phone's own settings.

    Raises:
        NotFound: the phone is not registered.
    """
    variables = phones.state_of(mac)["variables"]
    theirs = {
        line: names
        for line, names in sorted(lines_of(site.catalogue, variables).items())
        if line in lines
    }
    gone = [name for names in theirs.values() for name in names]
    if gone:

        def without_them(state: State) -> State:
            return {**state, "variables": changed(state["variables"], dict.fromkeys(gone))}

        phones.rewrite(mac, without_them, by=by)
    return [
        Effect(
            "account_settings_removed",
            "phone",
            str(mac),
            f"line {line}",
            before=variables.get(f"account_username_{line}", ""),
        )
        for line in theirs
    ]
