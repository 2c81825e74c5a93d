"""Models the product does not know yet: made by the site from the nearest one, merged later.

A day-one model tells by which MAC prefixes and user agents its devices are recognised. When a
release ships the model, the site's and the release's can be held side by side and merged.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from provisioning.engine.concerns import model_of
from provisioning.engine.identification import Identification, identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Differences, differences
from provisioning.engine.vendors import MacRange, Model
from provisioning.services import models
from provisioning.services.errors import BadName, NotFound
from provisioning.services.models import ModelDetails
from provisioning.services.site import Site
from provisioning.store import history
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored
from provisioning.store.database import configuration_change

_MAX_NAMES = 20


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
        NotFound: the site has no such model of its own.
        BadName: a prefix that is none, or a name that is too long.
    """
    if len(mac_prefixes) > _MAX_NAMES or len(user_agents) > _MAX_NAMES:
        raise BadName("list of prefixes or names", "", f"at most {_MAX_NAMES} entries")
    for prefix in mac_prefixes:
        try:
            MacRange.of_prefix(prefix)
        except ValueError as mistake:
            raise BadName("MAC prefix", prefix, "6 to 12 hexadecimal digits") from mistake
    for name in user_agents:
        if not name.strip() or len(name) > 64:
            raise BadName("hardware name", name, "1 to 64 characters")
    with configuration_change():
        if stored.find_model(model_id) is None:
            raise NotFound("model of the site", model_id)
        stored.save_recognition(model_id, mac_prefixes=mac_prefixes, user_agents=user_agents)
        after = {"mac_prefixes": list(mac_prefixes), "user_agents": list(user_agents)}
        history.record(by, "model", model_id, "recognise", after=after)
    return models.get(site, model_id)


def suggest(site: Site, mac: MacAddress | None, user_agent: str) -> Suggestion:
    """What a device probably is, by what it says of itself, else by its address."""
    asking = identify(user_agent, site.library.user_agents)
    own = [found for found in models.list_all(site) if found.mac_prefixes or not found.shipped]
    by_name = _model_by_name(asking, own)
    if by_name:
        return Suggestion(by_name.partition("-")[0], by_name)
    shipped = model_of(asking, site.library) if asking.vendor else None
    if shipped:
        return Suggestion(shipped.vendor, shipped.id)
    by_prefix = _model_by_prefix(mac, own) if mac else None
    if by_prefix:
        return Suggestion(by_prefix.partition("-")[0], by_prefix)
    vendor = site.library.vendor_of(mac) if mac else None
    return Suggestion(asking.vendor or (vendor.id if vendor else ""), "")


def merge_offer(site: Site, model_id: str) -> MergeOffer | None:
    """The shipped model that may take the place of a site's own one; None: there is none.

    Raises:
        NotFound: there is no such model.
    """
    found = models.get(site, model_id)
    shipped = _successor(site, found)
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
    """
    with configuration_change():
        found = models.get(site, model_id)
        shipped = _successor(site, found)
        if shipped is None:
            raise NotFound("shipped model for", model_id)
        wanted = differences(found.variables, shipped.variables)
        kept: Differences = {name: value for name, value in wanted.items() if name in keep}
        stored.delete_model(model_id)
        row = stored.find_model(shipped.id)
        if row is not None:
            kept = {**row.differences, **kept}
        stored.save_model(shipped.id, base=shipped.id, display_name=None, differences=kept)
        if shipped.id != model_id:
            stored_phones.change_model(model_id, shipped.id)
        history.record(
            by,
            "model",
            model_id,
            "merge",
            before={"display_name": found.display_name, "differences": found.differences},
            after={"model": shipped.id, "differences": kept},
        )
    return models.get(site, shipped.id)


def _successor(site: Site, found: ModelDetails) -> Model | None:
    """The shipped model for the hardware of a site's own model, unless it is a variant of that."""
    row = stored.find_model(found.id)
    if row is None or row.base == found.id:
        return None
    if found.shipped:
        return found.shipped
    for name in row.user_agents or ():
        asking = Identification(vendor=found.id.partition("-")[0], model=name)
        shipped = model_of(asking, site.library)
        if shipped and shipped.id != row.base:
            return shipped
    return None


def _model_by_name(asking: Identification, own: Sequence[ModelDetails]) -> str | None:
    """The site's model whose hardware name a device writes."""
    for found in own:
        if found.base and asking.model in found.base.user_agents:
            continue  # a variant of a known model: nothing tells it from that
        if asking.model and asking.model in found.user_agents:
            return found.id
    return None


def _model_by_prefix(mac: MacAddress, own: Sequence[ModelDetails]) -> str | None:
    """The site's model with the longest prefix that holds an address."""
    ranges = [(MacRange.of_prefix(p), found.id) for found in own for p in found.mac_prefixes]
    holding = [(found.width, model_id) for found, model_id in ranges if mac in found]
    return min(holding)[1] if holding else None
