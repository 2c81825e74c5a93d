"""Changes that nobody has made yet: what stored phones would be with them. Nothing is written.

A draft makes of a phone as it is stored the phone as it would be stored, so that everything after
it is the code that serves phones.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import changed
from provisioning.services import defaults, layouts, models, phones
from provisioning.services.applied_layouts import AppliedLayouts, Keys
from provisioning.services.errors import NotFound
from provisioning.services.layouts import LayoutDetails, Uses
from provisioning.services.site import Site
from provisioning.store import concerned, devices, proofs
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored_scopes
from provisioning.store.concerned import Concerned
from provisioning.store.devices import StoredDevice

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phone that a draft can concern, as it is stored now."""

    device: StoredDevice
    tags: tuple[str, ...]
    user_agent: str
    """How it called itself when it last fetched its configuration; empty: it never did."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that nobody has made."""

    concerned: Concerned
    """The phones it can concern, before or after."""
    applied: Callable[[Candidate], StoredDevice]
    """The phone as it would be stored."""


def candidates(draft: Draft) -> Iterator[Candidate]:
    """The phones that a draft can concern, by MAC id."""
    for macs in concerned.batches(draft.concerned, _AT_ONCE):
        tags = stored_phones.tags(macs)
        user_agents = proofs.served_user_agents(macs)
        for device in devices.find_all(macs):
            yield Candidate(device, tuple(tags[device.mac]), user_agents.get(device.mac, ""))


def of_defaults(site: Site, variables: Mapping[str, str | None]) -> Draft:
    """Other defaults, as :func:`~provisioning.services.defaults.change` takes them."""
    before = stored_scopes.defaults_differences()
    after = json.dumps(defaults.patched(site, before, variables))
    return Draft(
        Concerned(everyone=True),
        lambda phone: replace(phone.device, defaults_differences=after),
    )


def of_model(site: Site, model_id: str, variables: Mapping[str, str | None]) -> Draft:
    """Other settings of a model, as :func:`~provisioning.services.models.change` takes them.

    Raises:
        NotFound: there is no such model.
    """
    found = models.get(site, model_id)
    base = found.base.id if found.base else None
    after = json.dumps(models.patched(found, variables))
    return Draft(
        Concerned(models=[model_id]),
        lambda phone: replace(phone.device, model_base=base, model_differences=after),
    )


def of_layout(
    site: Site,
    name: str,
    *,
    new: bool = False,
    variables: Mapping[str, str] | None = None,
    fills: Sequence[Fill] | None = None,
    uses: Uses | None = None,
) -> Draft:
    """Other keys, runs or uses of a layout; what is None stays, or is empty in a new one.

    Args:
        site: the site.
        name: the layout.
        new: it is to be made.
        variables: its keys.
        fills: its runs of keys.
        uses: what it is applied to.

    Raises:
        NotFound: there is none of this name, or of what it is to be applied to.
        AlreadyExists: a new one has the name of another.
        BadName: a name or a run that cannot be one.
        VariablesRefused: a setting that is not of a key.
    """
    if new:
        layouts.check_new(name)
        before = LayoutDetails(name, {}, (), Uses(), (), {})
    else:
        before = layouts.get(name)
    keys = Keys(
        before.variables if variables is None else variables,
        before.fills if fills is None else fills,
    )
    layouts.check(keys.variables, keys.fills)
    wanted = before.uses if uses is None else uses
    layouts.check_uses(site, wanted)
    applied = AppliedLayouts.stored(without=name)
    applied.put(name, keys, wanted)
    return Draft(
        Concerned(
            models={*before.uses.models, *wanted.models},
            tags={*before.uses.tags, *wanted.tags},
            macs={*before.uses.phones, *wanted.phones},
        ),
        lambda phone: replace(
            phone.device,
            layouts=applied.of(model=phone.device.model, tags=phone.tags, mac=phone.device.mac),
        ),
    )


def of_phone(
    mac: MacAddress,
    *,
    model: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    tags: Sequence[str] | None = None,
) -> Draft:
    """Another model, other settings or tags of a phone, as the service ``phones.change`` does.

    Raises:
        NotFound: the phone is not registered.
        BadName: what cannot be a tag.
    """
    if stored_phones.find(str(mac)) is None:
        raise NotFound("phone", str(mac))
    wanted_tags = None if tags is None else phones.clean_tags(tags)
    applied = AppliedLayouts.stored()

    def applied_to(phone: Candidate) -> StoredDevice:
        device = _with_model(phone.device, phone.device.model if model is None else model)
        now_tagged = phone.tags if wanted_tags is None else wanted_tags
        return replace(
            device,
            variables=json.dumps(changed(json.loads(device.variables), variables or {})),
            layouts=applied.of(model=device.model, tags=now_tagged, mac=device.mac),
        )

    return Draft(Concerned(macs=[str(mac)]), applied_to)


def _with_model(device: StoredDevice, model: str) -> StoredDevice:
    row = stored_scopes.find_model(model)
    return replace(
        device,
        model=model,
        model_base=row.base if row else None,
        model_differences=json.dumps(row.differences) if row else None,
    )
