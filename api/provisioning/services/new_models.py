"""Models the product does not know yet: made by the site from the nearest one, merged later.

A day-one model tells by which MAC prefixes and user agents its devices are recognised. When a
release ships the model, the site's and the release's can be held side by side and merged.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.concerns import is_one_of, model_of
from provisioning.engine.identification import Identification, identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Differences, differences
from provisioning.engine.vendors import MacRange, Model
from provisioning.services import models, previews
from provisioning.services.configurations import Preview
from provisioning.services.errors import BadName, NotFound
from provisioning.services.models import ModelDetails
from provisioning.services.samples import sample_device
from provisioning.services.site import Site
from provisioning.store import history, layouts
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored
from provisioning.store.database import configuration_change

_MAX_NAMES = 20
_MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a device probably is; parts that nothing tells are empty."""

    vendor: str
    model: str


@dataclass(frozen=True, slots=True)
class MergeOffer:
    """A model of the site that a release ships by now."""

    model: str
    shipped: str
    """The shipped model that takes its place; the same id or another."""
    differences: dict[str, tuple[str | None, str | None]]
    """Settings in which they differ: the site's value and the shipped one; None: not set."""


def recognise(
    site: Site,
    model_id: str,
    *,
    mac_prefixes: Sequence[str],
    user_agents: Sequence[str],
    by: str,
) -> ModelDetails:
    """Tell how the devices of a site's own model are recognised.

    Args:
        site: the site.
        model_id: a model of the site.
        mac_prefixes: 6 to 12 hexadecimal digits each, ``:`` or ``-`` between pairs or not.
        user_agents: hardware names as the devices write them, e.g. ``SIP-T99W``.
        by: who asked, for the history.

    Raises:
        NotFound: the site has no such model of its own; what is shipped knows its devices.
        BadName: a prefix that is none, or a name that is too long.
    """
    if len(mac_prefixes) > _MAX_NAMES or len(user_agents) > _MAX_NAMES:
        raise BadName("list of prefixes or names", "", f"at most {_MAX_NAMES} entries")
    prefixes = [_prefix(text) for text in mac_prefixes]
    names = [name.strip() for name in user_agents]
    for name in names:
        if not 0 < len(name) <= _MAX_NAME:
            raise BadName("hardware name", name, f"1 to {_MAX_NAME} characters")
    with configuration_change():
        found = models.get(site, model_id)
        if not found.is_own:
            raise NotFound("model of the site", model_id)
        before = {"mac_prefixes": [*found.mac_prefixes], "user_agents": [*found.user_agents]}
        after = {"mac_prefixes": prefixes, "user_agents": names}
        if after != before:
            stored.save_recognition(model_id, mac_prefixes=prefixes, user_agents=names)
            history.record(by, "model", model_id, "recognise", before=before, after=after)
    return models.get(site, model_id)


def _prefix(text: str) -> str:
    """A prefix as people read it: capitals, a colon after each pair."""
    try:
        MacRange.of_prefix(text.strip())
    except ValueError as mistake:
        raise BadName("MAC prefix", text, "6 to 12 hexadecimal digits") from mistake
    digits = re.sub("[:-]", "", text.strip()).upper()
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def suggest(site: Site, mac: MacAddress | None, user_agent: str) -> Suggestion:
    """What a device probably is, by what it says of itself, else by its address."""
    asking = identify(user_agent, site.library.user_agents)
    known = [
        found
        for found in models.list_all(site)
        if not asking.vendor or found.vendor == asking.vendor
    ]
    chosen = _by_name(site, asking, known) or (_by_address(mac, known) if mac else None)
    if chosen:
        return Suggestion(chosen.vendor, chosen.id)
    vendor = site.library.vendor_of(mac) if mac else None
    return Suggestion(asking.vendor or (vendor.id if vendor else ""), "")


def _by_name(
    site: Site, asking: Identification, known: Sequence[ModelDetails]
) -> ModelDetails | None:
    """The model whose hardware name a device writes; the site's own word counts more."""
    if not asking.model:
        return None
    for found in known:
        # A variant of a known model has the names of that: nothing tells the two apart.
        names_of_base = found.base.user_agents if found.base else ()
        names = [name for name in found.user_agents if not is_one_of(name, names_of_base)]
        if found.is_own and is_one_of(asking.model, names):
            return found
    shipped = model_of(asking, site.library)
    return next((found for found in known if shipped and found.id == shipped.id), None)


def _by_address(mac: MacAddress, known: Sequence[ModelDetails]) -> ModelDetails | None:
    """The model with the narrowest range that holds an address; the site's own word first."""
    ranges = [(MacRange.of_prefix(p), m) for m in known for p in m.mac_prefixes]
    ranges += [(r, m) for m in known if m.shipped and not m.is_own for r in m.shipped.mac_ranges]
    holding = [entry for entry in ranges if mac in entry[0]]
    return min(holding, key=lambda entry: entry[0].width)[1] if holding else None


def preview(
    site: Site, model_id: str, file_name: str | None, variables: Mapping[str, str]
) -> Preview:
    """Test-render a model with a phone that nobody registered; secrets are masked.

    Args:
        site: the site.
        model_id: the model.
        file_name: the file the phone would ask for; None: its configuration.
        variables: the phone's own settings, over those of a linked account.

    Raises:
        NotFound: there is no such model, or no such file for its phones.
        CannotServe: there is no template for it, or it fails.
    """
    return previews.masked_of(site, sample_device(site, model_id, variables), file_name)


def successor(site: Site, found: ModelDetails) -> Model | None:
    """The shipped model for the hardware of a site's own model; None: it is not shipped yet.

    It is the one of the same id, else one whose devices write the same hardware name. A variant of
    a shipped model has none: it is not waiting for a release.
    """
    if not found.is_own:
        return None
    if found.shipped:
        return found.shipped
    for name in found.user_agents:
        shipped = model_of(Identification(vendor=found.vendor, model=name), site.library)
        if shipped and shipped != found.base:
            return shipped
    return None


def merge_offer(site: Site, model_id: str) -> MergeOffer | None:
    """The shipped model that may take the place of a site's own one; None: there is none.

    Raises:
        NotFound: there is no such model.
    """
    found = models.get(site, model_id)
    shipped = successor(site, found)
    if shipped is None:
        return None
    names = found.variables.keys() | shipped.variables.keys()
    pairs = {name: (found.variables.get(name), shipped.variables.get(name)) for name in names}
    different = {name: pair for name, pair in sorted(pairs.items()) if pair[0] != pair[1]}
    return MergeOffer(model_id, shipped.id, different)


def merge(site: Site, model_id: str, *, keep: Collection[str], by: str) -> ModelDetails:
    """Let the shipped model take the place of the site's own; its phones move along.

    Args:
        site: the site.
        model_id: a model of the site that a release ships by now.
        keep: the settings whose values of the site stay; the rest becomes as shipped.
        by: who asked, for the history.

    Returns:
        The shipped model with what the site keeps.

    Raises:
        NotFound: there is no such model, or no shipped one that may take its place.
        BadName: a setting to keep in which the two do not differ.
    """
    with configuration_change():
        found = models.get(site, model_id)
        shipped = successor(site, found)
        if shipped is None:
            raise NotFound("shipped model for", model_id)
        wanted = differences(found.variables, shipped.variables)
        for name in keep:
            if name not in wanted:
                raise BadName("setting to keep", name, ", ".join(sorted(wanted)) or "none")
        kept: Differences = {name: value for name, value in wanted.items() if name in keep}
        before = models.state_now(site, model_id)
        stored.delete_model(model_id)
        row = stored.find_model(shipped.id)
        if row is not None:
            kept = {**row.differences, **kept}
        stored.save_model(
            shipped.id,
            base=shipped.id,
            display_name=row.display_name if row else None,
            differences=kept,
        )
        # What the release calls its devices it knows; prefixes of theirs it may not know.
        prefixes = [*((row and row.mac_prefixes) or ()), *found.mac_prefixes]
        stored.save_recognition(shipped.id, mac_prefixes=prefixes, user_agents=())
        if shipped.id != model_id:
            stored_phones.change_model(model_id, shipped.id)
            layouts.move_target("model", model_id, shipped.id)
        history.record(
            by,
            "model",
            model_id,
            "merge",
            before=before,
            after={"model": shipped.id, "differences": kept},
        )
    return models.get(site, shipped.id)
