"""Which settings a template reads, found out by watching it render.

Rendering is pure: what a template has not read cannot have changed a byte of what it wrote. So one
rendering tells about all settings of a phone, in the state the phone is in: a port stays unread
while the host beside it is empty.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

from provisioning.engine import keys, phone
from provisioning.engine.phone import Phone

_WATCHED = frozenset(
    thing
    for module in (phone, keys)
    for thing in vars(module).values()
    if isinstance(thing, type)
    and dataclasses.is_dataclass(thing)
    and thing.__module__ == module.__name__
)


class Reads:
    """What a template has read so far."""

    def __init__(self) -> None:
        self.attributes: set[str] = set()
        """Attributes of the phone by their path, e.g. ``accounts[0].server``."""
        self.settings: set[str] = set()
        """Flat settings by name."""
        self.every_setting = False
        """It went through all flat settings."""

    def phone(self, subject: Phone) -> Phone:
        """The phone, for a template that is to be watched."""
        return cast(Phone, _watched(subject, "", self.attributes))

    def variables(self, variables: dict[str, str]) -> dict[str, str]:
        """The flat settings, for a template that is to be watched."""
        return _WatchedSettings(variables, self)

    def has(self, setting: str) -> bool:
        """Whether a flat setting was read."""
        return self.every_setting or setting in self.settings


def influenced(one: object, other: object, path: str = "") -> Iterator[str]:
    """The paths of the attributes in which two phones differ, as :class:`Reads` writes them."""
    if one == other:
        return
    if type(one) is type(other) and type(one) in _WATCHED:
        for field in dataclasses.fields(cast(Any, one)):
            inner = f"{path}.{field.name}" if path else field.name
            yield from influenced(getattr(one, field.name), getattr(other, field.name), inner)
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from influenced(left, right, f"{path}[{number}]")
    else:
        yield path


def _watched(value: object, path: str, attributes: set[str]) -> object:
    if type(value) in _WATCHED:
        return _Watched(value, path, attributes)
    if type(value) is tuple:
        return tuple(_watched(v, f"{path}[{n}]", attributes) for n, v in enumerate(value))
    return value


class _Watched:
    """Stands for a dataclass of the phone, and notes which attributes are asked for."""

    __slots__ = ("_attributes", "_path", "_thing")

    def __init__(self, thing: object, path: str, attributes: set[str]):
        self._thing = thing
        self._path = path
        self._attributes = attributes

    def __getattr__(self, name: str) -> object:
        value = getattr(self._thing, name)
        path = f"{self._path}.{name}" if self._path else name
        self._attributes.add(path)
        return _watched(value, path, self._attributes)


class _WatchedSettings(dict[str, str]):
    """Stands for the flat settings, and notes which are asked for."""

    def __init__(self, variables: dict[str, str], reads: Reads):
        super().__init__(variables)
        self._reads = reads

    def __getitem__(self, name: str) -> str:
        self._reads.settings.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._reads.settings.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._reads.settings.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self._reads.every_setting = True
        return super().__iter__()

    def keys(self) -> Any:
        self._reads.every_setting = True
        return super().keys()

    def values(self) -> Any:
        self._reads.every_setting = True
        return super().values()

    def items(self) -> Any:
        self._reads.every_setting = True
        return super().items()
