"""The ``dialogue`` of a ``brand.yaml``, read and checked."""

import dataclasses
import re
from typing import get_args

from provisioning.engine.gateways.dialogue import (
    WAITS,
    Dialogue,
    Each,
    IdentityPatterns,
    Keep,
    Patience,
    Question,
    ReadBack,
    Refusal,
    RefusalOutcome,
    ShellAccess,
    Step,
    StepPhase,
)
from provisioning.engine.gateways.yaml_entry import Entry

_MEMBERS = (
    "closed_at_once", "going_down", "identity", "login_ends", "login_refusals", "pager", "patience",
    "prompts", "questions", "read_back", "ready", "refusals", "shells", "steps",
)  # fmt: skip
_STEP_MEMBERS = (
    "backup", "bytes", "each", "expects", "keep", "optional", "prompt", "reads", "send", "wait",
)  # fmt: skip
_NEEDED: tuple[StepPhase, ...] = ("identify", "load", "save", "reboot", "confirm")
_PLACE = re.compile(r"\{(\w*)\}")
# What may be written into a command: the brand's own words, never a second line.
_COMMAND = re.compile(r"[\x20-\x7e]+")
# Only choices of algorithms: another option of ssh could run a program.
_OPTION = re.compile(r"(?:Ciphers|HostKeyAlgorithms|KexAlgorithms|MACs)=\+?[a-z0-9@.,-]+")


def read_dialogue(entry: Entry) -> Dialogue:
    """Read a dialogue.

    Raises:
        BrandFileError: it cannot be used.
    """
    entry.members(*_MEMBERS)
    prompts = {name: found.pattern() for name, found in entry.get("prompts").items()}
    ready = entry.get("ready").one_of(tuple(prompts))
    steps = entry.get("steps")
    steps.members(*get_args(StepPhase))
    for phase in _NEEDED:
        steps.get(phase)
    return Dialogue(
        shells={name: _shell(name, found) for name, found in entry.get("shells").items()},
        patience=_patience(entry.get("patience")),
        prompts=prompts,
        login_ends=tuple(e.one_of(tuple(prompts)) for e in entry.get("login_ends").entries()),
        ready=ready,
        pager=_question(entry.get("pager")) if "pager" in entry else None,
        login_refusals=tuple(_refusal(e) for e in entry.get("login_refusals").entries()),
        closed_at_once=_outcome(entry.get("closed_at_once")),
        refusals=tuple(_refusal(e) for e in entry.get("refusals").entries()),
        going_down=entry.get("going_down").pattern(),
        questions=tuple(_question(e) for e in entry.get("questions", []).entries()),
        identity=_identity(entry.get("identity")),
        steps={
            phase: tuple(_step(e, ready, tuple(prompts)) for e in steps.get(phase).entries())
            for phase in get_args(StepPhase)
            if phase in steps
        },
        read_back=_read_back(entry.get("read_back", {})),
    )


def _step(entry: Entry, ready: str, prompts: tuple[str, ...]) -> Step:
    entry.members(*_STEP_MEMBERS)
    each = entry.get("each").one_of(get_args(Each)) if "each" in entry else None
    keep = entry.get("keep").one_of(get_args(Keep)) if "keep" in entry else None
    step = Step(
        send=entry.get("send").text(),
        prompt=entry.get("prompt", ready).one_of(prompts),
        wait=entry.get("wait", "command").one_of(WAITS),
        each=each,  # type: ignore[arg-type]  # it was one of them
        keep=keep,  # type: ignore[arg-type]
        reads=entry.get("reads").pattern("value") if "reads" in entry else None,
        expects=entry.get("expects").pattern() if "expects" in entry else None,
        bytes=entry.get("bytes").pattern("bytes") if "bytes" in entry else None,
        optional=entry.get("optional", False).flag(),
        backup=entry.get("backup", False).flag(),
    )
    command = entry.get("send")
    if not _COMMAND.fullmatch(step.send):
        command.fail("a command is one line of printable ASCII")
    places = {"number", "value"} if step.each else {"url"}
    for place in _PLACE.findall(step.send):
        if place not in places:
            command.fail(f"{{{place}}} means nothing here; there is {', '.join(sorted(places))}")
    return step


def _shell(name: str, entry: Entry) -> ShellAccess:
    entry.members("options", "port")
    if name not in ("ssh", "telnet"):
        entry.fail("there are ssh and telnet")
    options = entry.get("options", []).entries()
    for option in options:
        if not _OPTION.fullmatch(option.text()):
            option.fail("is not a choice of algorithms, like KexAlgorithms=+name")
    port = entry.get("port")
    if not 1 <= port.integer() <= 65_535:
        port.fail("is not a port")
    return ShellAccess(name, port.integer(), tuple(option.text() for option in options))


def _patience(entry: Entry) -> Patience:
    fields = dataclasses.fields(Patience)
    entry.members(*(field.name for field in fields))
    needed = [field.name for field in fields if field.default is dataclasses.MISSING]
    for name in needed:
        entry.get(name)
    return Patience(**{name: found.seconds() for name, found in entry.items()})


def _question(entry: Entry) -> Question:
    entry.members("answer", "pattern")
    return Question(entry.get("pattern").pattern(), entry.get("answer").text())


def _refusal(entry: Entry) -> Refusal:
    entry.members("outcome", "pattern")
    return Refusal(_outcome(entry.get("outcome")), entry.get("pattern").pattern())


def _outcome(entry: Entry) -> RefusalOutcome:
    return entry.one_of(get_args(RefusalOutcome))  # type: ignore[return-value]  # it is one of them


def _identity(entry: Entry) -> IdentityPatterns:
    entry.members("firmware", "mac", "model", "trust_mac")
    return IdentityPatterns(
        model=entry.get("model").pattern("model"),
        mac=entry.get("mac").pattern("mac"),
        firmware=entry.get("firmware").pattern("firmware"),
        trust_mac=entry.get("trust_mac", False).flag(),
    )


def _read_back(entry: Entry) -> ReadBack:
    entry.members("ignored", "stale")
    return ReadBack(
        ignored=tuple(e.pattern() for e in entry.get("ignored", []).entries()),
        stale=tuple(e.pattern() for e in entry.get("stale", []).entries()),
    )
