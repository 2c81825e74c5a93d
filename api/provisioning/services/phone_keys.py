"""The keys of a phone or a model, each with the layer it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from provisioning.engine.keys import Key
from provisioning.engine.layered_keys import LayeredKey, layered
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone_building import keys_of
from provisioning.services.applied_layouts import AppliedLayouts
from provisioning.services.errors import NotFound
from provisioning.services.samples import sample_device
from provisioning.services.scopes import layers_of
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store.devices import StoredDevice


@dataclass(frozen=True, slots=True)
class LayeredKeys:
    """All keys of a phone, free ones too."""

    soft_keys: tuple[LayeredKey, ...]
    line_keys: tuple[LayeredKey, ...]
    expansion_modules: Mapping[int, tuple[LayeredKey, ...]]
    """By number of the module; keys are counted on from module to module."""


def of_phone(site: Site, mac: MacAddress) -> LayeredKeys:
    """The keys of a phone.

    Raises:
        NotFound: it is not registered.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return _keys(site, device)


def of_model(site: Site, model_id: str) -> LayeredKeys:
    """The keys that a phone has by its model alone: without tags, links and settings of its own.

    Raises:
        NotFound: there is no such model.
    """
    device = sample_device(site, model_id, {})
    layouts = AppliedLayouts.stored().of(model=model_id, tags=(), mac="")
    return _keys(site, replace(device, variables="{}", layouts=layouts))


def _keys(site: Site, device: StoredDevice) -> LayeredKeys:
    layers = layers_of(site, device)
    known = {person.name for person in layers.people}
    found = keys_of(layers.merged())

    def with_layers(kind: str, keys: Sequence[Key]) -> tuple[LayeredKey, ...]:
        return tuple(layered(key, kind, layers.scopes, known) for key in keys)

    return LayeredKeys(
        soft_keys=with_layers("softkey", found.soft_keys),
        line_keys=with_layers("linekey", found.line_keys),
        expansion_modules={
            module.number: with_layers("expkey", module.keys) for module in found.expansion_modules
        },
    )
