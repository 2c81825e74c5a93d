"""The defaults of all phones."""

import secrets
import string
from collections.abc import Callable, Mapping

from provisioning.engine.scopes import Differences, Variables, changed, differences
from provisioning.services.scopes import defaults_layer
from provisioning.services.site import Site
from provisioning.store import history
from provisioning.store import scopes as stored
from provisioning.store.database import configuration_change

# Without the letters and digits that people mix up when they read them to each other.
_PASSWORD_CHARACTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1Il")
_PASSWORD_LENGTHS = {"adminpw": 16, "userpw": 12}


def get(site: Site) -> Variables:
    """The defaults that apply, the shipped ones included."""
    return defaults_layer(site)


def change(site: Site, variables: Mapping[str, str | None], *, by: str) -> Variables:
    """Change defaults: a value sets, the empty string is explicitly none, None unsets."""
    with configuration_change():
        before = stored.defaults_differences()
        after = patched(site, before, variables)
        if after != before:
            stored.save_defaults(after)
            history.record(by, "defaults", "defaults", "change", before=before, after=after)
    return get(site)


def patched(
    site: Site, before: Mapping[str, str | None], variables: Mapping[str, str | None]
) -> Differences:
    """The site's differences from the shipped defaults after a change."""
    shipped = site.catalogue.defaults
    return differences(changed(changed(shipped, before), variables), shipped)


def ensure_passwords(site: Callable[[], Site]) -> None:
    """Give the phones' own web pages random passwords where none are set (a fresh site).

    Args:
        site: makes the site; asked only then, since most starts find the passwords there.
    """
    missing = {
        name: "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(length))
        for name, length in _PASSWORD_LENGTHS.items()
        if name not in stored.defaults_differences()
    }
    if missing:
        change(site(), missing, by="first start")
