"""What the caller can do next: one class for each, carrying data; the text is made at the edge."""

from dataclasses import dataclass


class ServiceError(Exception):
    """Base of all refusals; nothing was changed."""


@dataclass(eq=False)
class NotFound(ServiceError):
    """There is no such thing."""

    kind: str
    """``phone``, ``model``, ``file``, ``vendor`` …"""
    name: str

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.name!r}."


@dataclass(eq=False)
class AlreadyExists(ServiceError):
    """The name is taken."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"A {self.kind} {self.name!r} exists already."


@dataclass(eq=False)
class InUse(ServiceError):
    """Something still needs it."""

    kind: str
    name: str
    used_by: str

    def __str__(self) -> str:
        return f"The {self.kind} {self.name!r} is used by {self.used_by}."


@dataclass(eq=False)
class ChangedMeanwhile(ServiceError):
    """It is not what the caller has seen."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"The {self.kind} {self.name!r} was changed meanwhile."


@dataclass(eq=False)
class OtherVendor(ServiceError):
    """A model of another vendor than the phone's; whoever means it says so."""

    phone: str
    vendor: str
    model: str

    def __str__(self) -> str:
        return f"The phone {self.phone} is of {self.vendor}; the model {self.model!r} is not."


@dataclass(eq=False)
class WrongState(ServiceError):
    """It cannot be done in the state the thing is in."""

    kind: str
    name: str
    state: str
    deed: str
    """What cannot be done, e.g. ``paused``."""

    def __str__(self) -> str:
        return f"The {self.kind} {self.name!r} is {self.state}: it cannot be {self.deed}."


@dataclass(eq=False)
class NoState(ServiceError):
    """A change of the history that keeps no such state."""

    change: int
    reason: str
    """A sentence."""

    def __str__(self) -> str:
        return f"Change {self.change} keeps no such state: {self.reason}"


@dataclass(eq=False)
class CannotRestore(ServiceError):
    """A change of the history whose state cannot come back."""

    change: int
    reason: str
    """A sentence."""

    def __str__(self) -> str:
        return f"Change {self.change} cannot be restored: {self.reason}"


@dataclass(eq=False)
class BadName(ServiceError):
    """A name with characters that are not allowed, or an id that is none."""

    field: str
    name: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.name[:80]!r} cannot be a {self.field}; allowed: {self.allowed}."


@dataclass(eq=False)
class SignInRefused(ServiceError):
    """Name or password is wrong; it is not told which."""

    def __str__(self) -> str:
        return "Name or password is wrong."
