"""The commands that put a configuration on a gateway, in order: what a dry run shows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from provisioning.engine.gateways.configuration import GatewayConfiguration
from provisioning.engine.gateways.dialogue import Each, Step, StepPhase
from provisioning.engine.gateways.masking import MASK, Masker
from provisioning.engine.gateways.parameters import Parameter, check_typable

_FORWARDS: tuple[StepPhase, ...] = (
    "enter", "identify", "save_old", "load", "verify", "save", "reboot", "confirm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be put on a gateway, in the way its brand takes it.

    Raises:
        ValueError: neither or both of the two ways are given, or not the brand's.
        NotTypable: a parameter that only a file can carry.
    """

    gateway: GatewayConfiguration
    parameters: tuple[Parameter, ...] = ()
    """To be typed."""
    script: str = field(default="", repr=False)
    """To be copied by the gateway itself, from ``url``."""
    url: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        by_file = self.gateway.brand.dialogue.takes_file
        if by_file != bool(self.script and self.url) or by_file == bool(self.parameters):
            way = "a script and its URL" if by_file else "parameters"
            raise ValueError(f"{self.gateway.brand.name} gateways take {way}")
        if not (self.url.isascii() and self.url.isprintable() and " " not in self.url):
            raise ValueError("the URL of the script is not one word")
        check_typable(self.parameters)

    def masker(self, passwords: Iterable[str] = ()) -> Masker:
        """Hides all secrets of the load, and the passwords of the log-in."""
        path = urlsplit(self.url).path.strip("/")
        return Masker(self.gateway.brand, (*self.gateway.secrets, path, *passwords))


@dataclass(frozen=True, slots=True)
class Command:
    """One command to be typed."""

    phase: StepPhase
    step: Step
    text: str = field(repr=False)
    shown: str
    """The same without secrets."""
    parameter: Parameter | None = None


def commands(
    load: Load, phase: StepPhase, masker: Masker, old: Mapping[int, str] | None = None
) -> Iterator[Command]:
    """The commands of a phase.

    Args:
        load: what is to be loaded.
        phase: the phase.
        masker: hides the secrets.
        old: values of parameters before, by number, to go back to them.
    """
    for step in load.gateway.brand.dialogue.steps.get(phase, ()):
        if step.each is None:
            text = step.send.replace("{url}", load.url)
            yield Command(phase, step, text, masker.mask(text))
            continue
        for found in _each(step.each, load.parameters, old or {}):
            text = _typed(step, found.number, found.value)
            shown = _typed(
                step, found.number, MASK if found.secret and found.value else found.value
            )
            yield Command(phase, step, text, masker.mask(shown), found)


def dry_run(load: Load) -> tuple[Command, ...]:
    """All commands of an upload that goes well; ``shown`` is for people."""
    masker = load.masker()
    return tuple(command for phase in _FORWARDS for command in commands(load, phase, masker))


def _typed(step: Step, number: int, value: str) -> str:
    return step.send.replace("{number}", str(number)).replace("{value}", value)


def _each(
    each: Each, parameters: tuple[Parameter, ...], old: Mapping[int, str]
) -> Iterator[Parameter]:
    for found in parameters:
        before = old.get(found.number)
        match each:
            case "written" if found.value:
                yield found
            case "cleared" if not found.value:
                yield found
            case "readable" if found.readable:
                yield found
            case "old_written" if before:
                yield Parameter(found.number, before, found.secret, found.readable)
            case "old_cleared" if before == "":
                yield Parameter(found.number, "", found.secret, found.readable)
