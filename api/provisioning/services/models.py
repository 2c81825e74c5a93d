"""Models: the shipped ones, what the site changes in them, and the site's own."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Differences, Variables, changed
from provisioning.engine.vendors import Model
from provisioning.services.errors import AlreadyExists, BadName, InUse, NotFound
from provisioning.services.site import Site
from provisioning.store import history, layouts
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored
from provisioning.store.database import configuration_change
from provisioning.store.tables import SiteModel

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
NAME_ALLOWED = "letters, digits, _ - and ., at most 128 characters"


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """A model as it applies at this site."""

    id: str
    display_name: str
    shipped: Model | None
    """The shipped model it is."""
    base: Model | None
    """The shipped model it is or descends from: tells what the hardware can do."""
    variables: Variables
    """All settings the model presets, the base's included."""
    differences: Differences
    """What the site changes in the base; None takes a value of the base away."""
    vendor: str
    """Whose model it is: its base's, else by its id; empty if nothing tells."""
    phones: int
    """How many phones have it."""
    mac_prefixes: tuple[str, ...]
    """Prefixes by which the site recognises its devices, e.g. ``80:5E:0C``."""
    user_agents: tuple[str, ...]
    """Hardware names as its devices write them in their user agent; without own ones the base's."""

    @property
    def is_own(self) -> bool:
        """Whether the site made it; else it is a shipped one, changed or not."""
        return self.base is None or self.base.id != self.id


def list_all(site: Site) -> Iterator[ModelDetails]:
    """All models: shipped ones by id, then the site's own by id."""
    rows = {row.id: row for row in stored.models()}
    used = stored_phones.models_in_use()
    own = sorted(set(rows) - set(site.library.models))
    for model_id in [*sorted(site.library.models), *own]:
        yield _details(site, model_id, rows.get(model_id), used.get(model_id, 0))


def get(site: Site, model_id: str) -> ModelDetails:
    """A model.

    Raises:
        NotFound: there is no such model.
    """
    row = stored.find_model(model_id)
    if row is None and model_id not in site.library.models:
        raise NotFound("model", model_id)
    return _details(site, model_id, row, stored_phones.count_of_model(model_id))


def shipped(site: Site, model_id: str) -> Model:
    """A model as shipped, whatever the site changed.

    Raises:
        NotFound: no such model is shipped.
    """
    model = site.library.models.get(model_id)
    if model is None:
        raise NotFound("shipped model", model_id)
    return model


def create(
    site: Site,
    model_id: str,
    *,
    display_name: str,
    base: str | None,
    own_differences: Mapping[str, str | None],
    by: str,
) -> ModelDetails:
    """Make a model of the site.

    Args:
        site: the site.
        model_id: its id, by convention ``vendor-Name``.
        display_name: free text.
        base: the shipped model it descends from: later improvements of that reach it. None: it
            presets only what is given, on top of the defaults.
        own_differences: what it changes in the base; None takes a value of the base away.
        by: who asked, for the history.

    Raises:
        BadName: an id with other characters than letters, digits, ``_ - .``.
        NotFound: the base is not a shipped model.
        AlreadyExists: a model or a phone has this id.
    """
    if not _NAME.fullmatch(model_id):
        raise BadName("model name", model_id, NAME_ALLOWED)
    if base is not None:
        shipped(site, base)
    with configuration_change():
        if _taken(site, model_id):
            raise AlreadyExists("model", model_id)
        stored.save_model(
            model_id, base=base, display_name=display_name, differences=own_differences
        )
        after = {"base": base, "display_name": display_name, "differences": dict(own_differences)}
        history.record(by, "model", model_id, "create", after=after)
    return get(site, model_id)


def change(
    site: Site,
    model_id: str,
    *,
    display_name: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    by: str,
) -> ModelDetails:
    """Change a model; None as a value returns to what the base presets.

    Raises:
        NotFound: there is no such model.
    """
    return rewrite(
        site,
        model_id,
        display_name=display_name,
        make_differences=lambda details: patched(details, variables or {}),
        by=by,
    )


def patched(details: ModelDetails, variables: Mapping[str, str | None]) -> Differences:
    """A model's differences from its base after a change; None returns to what the base presets."""
    base = details.base.variables if details.base else {}
    kept: Differences = {**details.differences, **variables}
    returned = [name for name, value in variables.items() if value is None]
    return {n: v for n, v in kept.items() if n not in returned and base.get(n) != v}


def rewrite(
    site: Site,
    model_id: str,
    *,
    display_name: str | None,
    make_differences: Callable[[ModelDetails], Differences],
    by: str,
) -> ModelDetails:
    """Replace what the site changes in a model, reading and writing in one transaction.

    Args:
        site: the site.
        model_id: the model.
        display_name: its new name; None: it keeps its name.
        make_differences: gets the model as it is, returns its new differences from the base.
        by: who asked, for the history.

    Raises:
        NotFound: there is no such model.
    """
    with configuration_change():
        found = get(site, model_id)
        row = stored.find_model(model_id)
        old_name = row.display_name if row else None
        name = old_name if display_name is None else display_name
        kept = make_differences(found)
        before = {"display_name": old_name, "differences": found.differences}
        after = {"display_name": name, "differences": kept}
        if after != before:
            base_id = found.base.id if found.base else None
            stored.save_model(model_id, base=base_id, display_name=name, differences=kept)
            history.record(by, "model", model_id, "change", before=before, after=after)
    return get(site, model_id)


def delete(site: Site, model_id: str, *, by: str) -> None:
    """Remove a model of the site; of a shipped model only the site's changes go.

    Raises:
        NotFound: there is no such model.
        InUse: phones have it.
    """
    with configuration_change():
        found = get(site, model_id)
        if found.phones:
            raise InUse("model", model_id, f"{found.phones} phones")
        row = stored.find_model(model_id)
        if row is not None:
            before = _state(row)
            stored.delete_model(model_id)
            if model_id not in site.library.models:
                layouts.forget_target("model", model_id)
            history.record(by, "model", model_id, "delete", before=before)


def state_now(site: Site, model_id: str) -> dict[str, object] | None:
    """What the site stores of a model, as its history keeps it; None: there is no such model."""
    row = stored.find_model(model_id)
    if row is not None:
        return _state(row)
    if model_id not in site.library.models:
        return None
    return _state(SiteModel(id=model_id, base=model_id, display_name=None, differences={}))


def _state(row: SiteModel) -> dict[str, object]:
    return {
        "base": row.base,
        "display_name": row.display_name,
        "differences": row.differences,
        "mac_prefixes": row.mac_prefixes or [],
        "user_agents": row.user_agents or [],
    }


def _taken(site: Site, model_id: str) -> bool:
    if model_id == "defaults" or model_id in site.library.models or stored.find_model(model_id):
        return True
    try:
        return stored_phones.find(str(MacAddress.parse(model_id))) is not None
    except ValueError:
        return False


def _details(site: Site, model_id: str, row: SiteModel | None, phones: int) -> ModelDetails:
    models = site.library.models
    base = models.get(row.base or "") if row else models[model_id]
    named = site.library.vendor_of_model(model_id)
    kept: Differences = row.differences if row else {}
    return ModelDetails(
        id=model_id,
        display_name=row.display_name
        if row and row.display_name is not None
        else models[model_id].name
        if model_id in models
        else "",
        shipped=models.get(model_id),
        base=base,
        variables=changed(base.variables if base else {}, kept),
        differences=kept,
        vendor=base.vendor if base else named.id if named else "",
        phones=phones,
        mac_prefixes=tuple((row and row.mac_prefixes) or ()),
        user_agents=tuple((row and row.user_agents) or (base.user_agents if base else ())),
    )
