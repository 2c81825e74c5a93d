"""Why does this phone not work? Ten steps in the order in which a phone comes to life.

What is known is read once; a step is a function of those facts alone. Nothing is written, nobody is
asked over the network, and no secret or token is told.

"Did it reach the phone?" is what admins ask most in public threads, which
``docs/developer/complaints.md`` lists.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from provisioning.engine.mac import MacAddress
from provisioning.engine.parameter import Text
from provisioning.services.diagnosis.collecting import collect
from provisioning.services.diagnosis.facts import Facts
from provisioning.services.diagnosis.found import Found, Value
from provisioning.services.diagnosis.steps_account import account, configuration, registration
from provisioning.services.diagnosis.steps_contact import network, request, token
from provisioning.services.diagnosis.steps_identity import address, firmware, model, redirect
from provisioning.services.diagnosis.texts import TEXTS, Result, named_in, sentence
from provisioning.services.site import Site

STEPS: Mapping[str, Callable[[Facts], Found]] = {
    "address": address,
    "model": model,
    "redirect": redirect,
    "network": network,
    "token": token,
    "request": request,
    "account": account,
    "configuration": configuration,
    "registration": registration,
    "firmware": firmware,
}
"""In their order: whatever stands first hides what comes after it."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do about a finding."""

    code: str
    parameters: Mapping[str, Value]
    """The facts that its sentence names."""
    sentence: Text


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found."""

    code: str
    title: Text
    result: Result
    finding: str
    facts: Mapping[str, Value]
    sentence: Text
    next_step: NextStep | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything about why a phone works or does not."""

    mac: MacAddress
    known: bool
    """Whether a phone of this address is registered here."""
    steps: tuple[Step, ...]

    @property
    def result(self) -> Result:
        """``problem`` if any step found one, else ``attention``, else ``ok``."""
        results = {step.result for step in self.steps}
        worst: tuple[Result, ...] = ("problem", "attention")
        return next((result for result in worst if result in results), "ok")

    @property
    def next_step(self) -> NextStep | None:
        """What to do about the first problem; None: there is none."""
        return next((step.next_step for step in self.steps if step.result == "problem"), None)

    def document(self) -> dict[str, object]:
        """All of it as plain values, for JSON; times are ISO 8601, UTC."""
        document = {
            "mac": str(self.mac),
            "known": self.known,
            "result": self.result,
            "next_step": self.next_step and asdict(self.next_step),
            "steps": [asdict(step) for step in self.steps],
        }
        return {name: _plain(value) for name, value in document.items()}


def diagnose(site: Site, mac: MacAddress) -> Diagnosis:
    """Tell why a phone works or does not, and what to do next; it need not be registered."""
    return judge(collect(site, mac, now=time.time()))


def judge(facts: Facts) -> Diagnosis:
    """The diagnosis that some facts lead to."""
    steps = tuple(_step(code, look(facts)) for code, look in STEPS.items())
    return Diagnosis(facts.mac, facts.phone is not None, steps)


def _step(code: str, found: Found) -> Step:
    known = TEXTS.findings[found.code]
    return Step(
        code=code,
        title=TEXTS.steps[code],
        result=known.result,
        finding=found.code,
        facts=found.facts,
        sentence=sentence(known.text, found.facts),
        next_step=_next_step(known.next, found) if known.next else None,
    )


def _next_step(code: str, found: Found) -> NextStep:
    text = TEXTS.next_steps[code]
    named = named_in(text)
    parameters = {name: value for name, value in found.facts.items() if name in named}
    return NextStep(code, parameters, sentence(text, parameters))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Mapping):
        return {name: _plain(inside) for name, inside in value.items()}
    return [_plain(inside) for inside in value] if isinstance(value, list | tuple) else value
