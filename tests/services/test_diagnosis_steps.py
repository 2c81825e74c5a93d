"""What each step of a diagnosis finds in facts that are made up, and how it is said."""

import re
from collections import Counter
from dataclasses import dataclass, replace

import pytest

from provisioning.engine.concerns import Concern
from provisioning.engine.mac import MacAddress
from provisioning.services.diagnosis import STEPS, Diagnosis, Step, judge
from provisioning.services.diagnosis.facts import (
    Account,
    Facts,
    Firmware,
    Heard,
    PbxWork,
    PhoneFacts,
    RedirectState,
)
from provisioning.services.diagnosis.texts import TEXTS, DiagnosisFileError, Texts, named_in
from provisioning.services.site import shipped_data

MINUTE, HOUR, DAY = 60.0, 3600.0, 24 * 3600.0
NOW = 1_800_000_000.0
MAC = MacAddress.parse("00-15-65-AA-BB-01")
OTHER = "00-15-65-AA-BB-99"
ADA = Account("201", "ada")

FETCH = Heard(
    at=NOW - HOUR,
    access="tok2",
    address="192.0.2.17",
    file="001565aabb01.cfg",
    status=200,
    outcome="served",
    says="Yealink SIP-T46S",
)
KNOCK = replace(FETCH, access="tokenless")
STRAY = replace(FETCH, access="unknown", status=404, outcome="unknown_token")

PHONE = PhoneFacts(
    model="yealink-T46",
    model_known=True,
    model_vendor="Yealink",
    series="Yealink",
    redirect=True,
    dhcp_options=(66,),
    address_to_reach="https://pbx.example.org/provisioning",
    first_access=False,
    first_served_at=NOW - 9 * DAY,
    heard_at=FETCH.at,
    heard_from=FETCH.address,
    permanent_at=FETCH.at,
    accounts=(ADA,),
    fetched_at=FETCH.at,
    saved_at=NOW - DAY,
    tells_registrations=True,
    registered=True,
    registered_at=NOW - 9 * DAY,
    registered_from=FETCH.address,
    firmware=Firmware("66.86.0.15", "x.86"),
)
"""A phone without a complaint."""
HEALTHY = Facts(
    mac=MAC, now=NOW, vendor="Yealink", said_vendor="Yealink", requests=(FETCH,), phone=PHONE
)
NEW = replace(
    PHONE,
    first_access=True,
    first_served_at=None,
    heard_at=None,
    heard_from="",
    permanent_at=None,
    fetched_at=None,
    registered=False,
    firmware=Firmware("", "x.86"),
)
"""One that was registered a moment ago."""
STRANGER = replace(HEALTHY, requests=(), said_vendor="", phone=None)


@dataclass(frozen=True)
class Case:
    """What a step is to find."""

    step: str
    finding: str
    result: str
    facts: Facts


def phone(**changes: object) -> Facts:
    """The phone without a complaint, but for this."""
    return replace(HEALTHY, phone=replace(PHONE, **changes))


def new(*requests: Heard, unknown: tuple[Heard, ...] = (), **changes: object) -> Facts:
    """A new phone, from which this was heard."""
    heard = {"heard_at": requests[0].at, "heard_from": requests[0].address} if requests else {}
    return replace(
        HEALTHY,
        requests=requests,
        unknown_tokens=unknown,
        phone=replace(NEW, **{**heard, **changes}),
    )


def redirected(word: str, facts: Facts, reason: str = "Owned by another.") -> Facts:
    return replace(facts, redirect=RedirectState(word, NOW - DAY, reason))


def account(*, registered: bool | None = False, **changes: object) -> Facts:
    return phone(accounts=(replace(ADA, **changes),), registered=registered)


def work(state: str) -> PbxWork:
    return PbxWork(7, state, "The PBX does not answer.")


def firmware(*args: object, file_exists: bool = True, **changes: object) -> Facts:
    return phone(firmware=Firmware(*args, file_exists=file_exists), **changes)


OLD = Concern("firmware_too_old", "66.84.0.15", "x.86")
LATE = replace(FETCH, at=NOW - 3 * DAY)


def late(**changes: object) -> Facts:
    """Last heard three days ago."""
    given = {"heard_at": LATE.at, "registered": False, **changes}
    return replace(phone(**given), requests=(LATE,))


CASES = [
    Case("address", "address_known", "ok", HEALTHY),
    Case("address", "address_known", "ok", STRANGER),
    Case(
        "address", "address_lent", "ok",
        replace(HEALTHY, vendor="Fanvil", said_vendor="Yealink"),
    ),
    Case("address", "address_unlisted", "ok", replace(HEALTHY, vendor="")),
    Case("address", "address_unknown", "attention", replace(STRANGER, vendor="")),
    Case("address", "address_unknown", "attention", replace(new(), vendor="", said_vendor="")),
    Case(
        "address", "address_of_other_vendor", "problem",
        replace(new(), vendor="Snom", said_vendor=""),
    ),
    Case(
        "address", "address_of_other_vendor", "problem",
        replace(HEALTHY, vendor="Snom", said_vendor="Snom"),
    ),
    *(
        Case("address", "address_of_no_device", "problem", replace(STRANGER, mac=MacAddress(bare)))
        for bare in ("000000000000", "ffffffffffff", "01005e0000fb", "091565aabb01")
    ),

    Case("model", "not_registered", "problem", STRANGER),
    Case("model", "not_registered_suggested", "problem",
         replace(STRANGER, suggested_model="yealink-T46")),
    Case("model", "model_missing", "problem", phone(model="", model_known=False)),
    Case("model", "model_missing_suggested", "problem",
         replace(phone(model="", model_known=False), suggested_model="yealink-T46")),
    Case("model", "model_unknown", "problem", phone(model="yealink-T999", model_known=False)),
    Case("model", "model_unknown_suggested", "problem",
         replace(phone(model="yealink-T9", model_known=False), suggested_model="yealink-T46")),
    Case("model", "says_other_vendor", "problem",
         phone(concerns=(Concern("other_vendor", "Snom", "Yealink"), OLD))),
    Case("model", "says_other_model", "attention",
         phone(concerns=(Concern("other_model", "SIP-T19P_E2", "SIP-T46G"), OLD))),
    Case("model", "says_firmware_too_old", "attention", phone(concerns=(OLD,))),
    Case("model", "model_agrees", "ok", HEALTHY),
    Case("model", "model_chosen", "ok", new()),
    # What another device said with this phone's token says nothing of this one.
    Case("model", "model_chosen", "ok", replace(
        phone(concerns=(Concern("other_vendor", "Snom", "Yealink"),)),
        requests=(replace(FETCH, other=OTHER),),
    )),

    Case("redirect", "not_registered_here", "not_applicable", STRANGER),
    Case("redirect", "redirect_of_nobody", "not_applicable",
         redirected("not_configured", new(series=""))),
    Case("redirect", "redirect_not_offered", "not_applicable",
         redirected("not_configured", new(redirect=False))),
    Case("redirect", "redirect_not_offered", "not_applicable",
         redirected("not_supported", new())),
    Case("redirect", "redirect_not_needed", "not_applicable",
         redirected("not_configured", HEALTHY)),
    Case("redirect", "redirect_not_configured", "unknown", redirected("not_configured", new())),
    Case("redirect", "redirect_done", "ok", redirected("done", new(), "")),
    Case("redirect", "redirect_waiting", "attention", redirected("waiting", new())),
    Case("redirect", "redirect_failed", "problem", redirected("failed", new())),
    Case("redirect", "redirect_failed_later", "attention", redirected("failed", HEALTHY)),

    Case("network", "stranger_never_heard", "unknown", STRANGER),
    Case("network", "stranger_knocked", "ok",
         replace(STRANGER, requests=(replace(KNOCK, outcome="unknown_phone", status=404),))),
    Case("network", "stranger_refused", "attention",
         replace(STRANGER, requests=(replace(KNOCK, outcome="refused", status=404),))),
    Case("network", "stranger_with_token", "attention",
         replace(STRANGER, unknown_tokens=(STRAY,))),
    Case("network", "stranger_never_heard", "unknown",
         replace(STRANGER, unknown_tokens=(replace(STRAY, marked=False),))),
    Case("network", "never_asked", "problem", new(dhcp_options=())),
    Case("network", "never_asked_options", "problem", new()),
    Case("network", "never_asked_options", "problem",
         new(unknown=(replace(STRAY, marked=False),))),
    Case("network", "came_with_token", "not_applicable", HEALTHY),
    Case("network", "came_with_token", "not_applicable", new(unknown=(STRAY,))),
    Case("network", "first_contact_forgotten", "unknown",
         new(heard_at=NOW - 99 * DAY, heard_from="192.0.2.17")),
    Case("network", "tokenless_seen", "ok", new(KNOCK)),
    Case("network", "tokenless_seen", "ok",  # before it came with its token
         new(FETCH, replace(KNOCK, at=NOW - 2 * HOUR, outcome="refused"))),
    Case("network", "tokenless_refused", "problem",
         new(replace(KNOCK, outcome="refused", status=404))),
    Case("network", "tokenless_before_registration", "attention",
         new(replace(KNOCK, outcome="unknown_phone", status=404), heard_at=None)),
    Case("network", "tokenless_unknown_file", "problem",
         new(replace(KNOCK, outcome="unknown_file", file="001565aabb01.xml", status=404))),

    Case("token", "not_registered_here", "not_applicable", STRANGER),
    Case("token", "token_of_other_device", "problem",
         replace(HEALTHY, requests=(FETCH, replace(FETCH, other=OTHER)))),
    Case("token", "permanent_token_used", "ok",  # long ago
         replace(HEALTHY, requests=(FETCH, replace(FETCH, other=OTHER, at=NOW - 8 * DAY)))),
    Case("token", "token_unknown", "problem", new(unknown=(STRAY,))),
    Case("token", "token_unknown", "problem", replace(
        HEALTHY,
        unknown_tokens=(replace(STRAY, at=NOW - MINUTE, marked=False),
                        replace(STRAY, at=NOW - 2 * MINUTE)),
    )),
    Case("token", "token_unknown_nearby", "attention", replace(
        HEALTHY, unknown_tokens=(replace(STRAY, at=NOW - MINUTE, marked=False),)
    )),
    Case("token", "permanent_token_used", "ok",  # it has found its URL since
         replace(HEALTHY, unknown_tokens=(replace(STRAY, at=NOW - 2 * HOUR),))),
    Case("token", "first_access_used", "problem",
         replace(HEALTHY, requests=(KNOCK, replace(FETCH, at=NOW - DAY)))),
    Case("token", "first_access_gone", "attention", new(first_access=False)),
    Case("token", "first_access_open", "ok", new()),
    Case("token", "in_first_contact", "attention",
         new(replace(FETCH, access="tok1"), first_served_at=NOW - HOUR)),
    Case("token", "stuck_in_first_contact", "problem",
         new(KNOCK, first_served_at=NOW - 3 * HOUR)),
    Case("token", "permanent_token_used", "ok", HEALTHY),

    Case("request", "not_registered_here", "not_applicable", STRANGER),
    Case("request", "no_request", "not_applicable", new()),
    Case("request", "cannot_be_made", "problem", phone(rendering_error="line 3: no such filter")),
    Case("request", "cannot_be_made", "problem", new(rendering_error="line 3: no such filter")),
    Case("request", "failed_then", "attention", replace(
        HEALTHY, requests=(replace(FETCH, outcome="failed", status=500, reason="line 3"),)
    )),
    Case("request", "silent", "problem", late()),
    Case("request", "silent", "problem", late(nightly=False, permanent_at=None)),
    Case("request", "silent_in_vlan", "problem", late(vlan="99")),
    Case("request", "silent_but_registered", "problem", late(registered=True, vlan="99")),
    Case("request", "served", "ok", late(nightly=False)),  # it fetches at its start only
    Case("request", "served", "ok",  # not silent: lost
         replace(late(), unknown_tokens=(STRAY,))),
    Case("request", "file_missing", "problem", replace(
        HEALTHY, requests=(replace(FETCH, outcome="unknown_file", status=404, file="x.cfg"),)
    )),
    Case("request", "other_file_missing", "attention", replace(
        HEALTHY,
        requests=(
            replace(FETCH, outcome="unknown_file", status=404, file="backgrounds/x.png"),
            replace(FETCH, at=FETCH.at - MINUTE),
        ),
    )),
    Case("request", "not_served", "attention",
         new(replace(KNOCK, outcome="refused", status=404))),
    Case("request", "served_with_findings", "attention",
         phone(findings=("linekey_type_99", "logo_text"))),
    Case("request", "served", "ok", HEALTHY),
    Case("request", "served", "ok", replace(phone(nightly=False), requests=())),

    Case("account", "not_registered_here", "not_applicable", STRANGER),
    Case("account", "not_linked", "problem", phone(accounts=())),
    Case("account", "account_of_settings", "ok",
         phone(accounts=(), account_of_settings="201")),
    Case("account", "account_refused", "problem", account(work=work("failed"))),
    Case("account", "account_refused", "problem",
         account(work=work("skipped"), confirmed=False, registered=True)),
    Case("account", "account_refused_works", "attention",
         account(work=work("failed"), registered=True)),
    Case("account", "account_waits", "attention", account(work=work("waiting"))),
    Case("account", "account_waits", "attention", account(confirmed=False)),
    Case("account", "account_waits_works", "attention",
         account(work=work("working"), registered=True)),
    Case("account", "user_gone", "attention", account(gone_at=NOW - DAY)),
    Case("account", "user_locked", "attention", account(locked=True)),
    Case("account", "linked", "ok", account(work=work("done"))),
    Case("account", "user_gone", "attention",  # the gravest of several
         phone(accounts=(ADA, replace(ADA, number="301", user="bob", gone_at=NOW)))),

    Case("configuration", "not_registered_here", "not_applicable", STRANGER),
    Case("configuration", "nothing_fetched", "not_applicable", new()),
    Case("configuration", "not_comparable", "unknown", phone(rendering_error="line 3")),
    Case("configuration", "has_current", "ok", HEALTHY),
    Case("configuration", "change_not_asked", "attention",
         phone(wants_another=True, asking_ended="The phone is not registered with the PBX.")),
    Case("configuration", "change_not_asked", "attention",  # asked before this change
         phone(wants_another=True, saved_at=NOW - MINUTE, asked_at=NOW - HOUR / 2)),
    Case("configuration", "change_asked", "attention",
         phone(wants_another=True, saved_at=NOW - 2 * MINUTE, asked_at=NOW - MINUTE)),
    Case("configuration", "change_asked_in_vain", "problem",
         phone(wants_another=True, saved_at=NOW - HOUR, asked_at=NOW - HOUR / 2)),

    Case("registration", "not_registered_here", "not_applicable", STRANGER),
    Case("registration", "nothing_to_register", "not_applicable", phone(accounts=())),
    Case("registration", "no_manager", "unknown",
         phone(registered=None, tells_registrations=False)),
    Case("registration", "manager_is_silent", "unknown", phone(registered=None)),
    Case("registration", "registered_with_pbx", "ok", HEALTHY),
    Case("registration", "registered_with_pbx", "ok",
         phone(registered_from="127.0.0.1", behind_proxy=True)),
    Case("registration", "registered_with_pbx", "ok", phone(registered_from="")),
    Case("registration", "registered_elsewhere", "attention", phone(registered_from="203.0.113.9")),
    Case("registration", "not_registered_with_pbx", "problem", phone(registered=False)),

    Case("firmware", "not_registered_here", "not_applicable", STRANGER),
    Case("firmware", "firmware_file_missing", "problem",
         firmware("66.86.0.15", "", "x.rom", file_exists=False)),
    Case("firmware", "firmware_not_said", "unknown", firmware("", "x.86")),
    Case("firmware", "firmware_not_told", "unknown", firmware("66.86.0.15", "x.86", "new.rom")),
    Case("firmware", "firmware_as_wanted", "ok",
         firmware("66.86.0.15", "x.86", "T46S-66.86.0.15.rom")),
    Case("firmware", "firmware_differs", "attention",
         firmware("66.84.0.15", "x.86", "T46S-66.86.0.15.rom", concerns=(OLD,))),
    Case("firmware", "firmware_old", "attention", firmware("66.84.0.15", "x.86", concerns=(OLD,))),
    Case("firmware", "firmware_free", "ok", HEALTHY),
]  # fmt: skip


def step_of(diagnosis: Diagnosis, code: str) -> Step:
    return next(step for step in diagnosis.steps if step.code == code)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.step}-{case.finding}")
def test_a_step_finds_what_the_facts_tell(case):
    step = step_of(judge(case.facts), case.step)
    assert (step.finding, step.result) == (case.finding, case.result)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.step}-{case.finding}")
def test_every_finding_is_a_whole_sentence_in_both_languages(case):
    step = step_of(judge(case.facts), case.step)
    for text in (step.sentence, step.next_step and step.next_step.sentence):
        for written in (text.en, text.it) if text else ():
            assert re.fullmatch(r"[^{}]+[.:)\w]", written), written
            assert "  " not in written
            assert "?" not in written
            assert written[0] == written[0].upper()


def test_every_step_is_tried_with_every_finding_there_is():
    assert {case.finding for case in CASES} == set(TEXTS.findings)
    assert {case.step for case in CASES} == set(STEPS) == set(TEXTS.steps)


def test_every_next_step_is_of_some_finding():
    assert {known.next for known in TEXTS.findings.values()} - {None} == set(TEXTS.next_steps)


def test_every_code_has_both_languages_and_they_differ():
    for texts in (
        TEXTS.steps.items(),
        ((code, known.text) for code, known in TEXTS.findings.items()),
        TEXTS.next_steps.items(),
    ):
        for code, text in texts:
            assert text.en.strip(), code
            assert text.it.strip(), code
            assert text.en != text.it or " " not in text.en, code


def test_a_problem_always_tells_what_to_do():
    for code, known in TEXTS.findings.items():
        assert known.next or known.result != "problem", code


def test_the_steps_come_in_the_order_in_which_a_phone_comes_to_life():
    assert list(STEPS) == [
        "address", "model", "redirect", "network", "token", "request", "account", "configuration",
        "registration", "firmware",
    ]  # fmt: skip
    assert [step.code for step in judge(HEALTHY).steps] == list(STEPS)


def test_a_phone_without_a_complaint_has_no_next_step():
    found = judge(HEALTHY)
    assert (found.result, found.next_step) == ("ok", None)
    assert Counter(step.result for step in found.steps) == {"ok": 8, "not_applicable": 2}


def test_the_next_step_is_that_of_the_first_problem():
    found = judge(phone(accounts=(), registered=False, firmware=Firmware("", "", "x.rom", False)))
    assert found.result == "problem"
    assert found.next_step.code == "link_to_user"


def test_what_is_worth_a_look_is_no_problem():
    found = judge(account(locked=True, registered=True))
    assert (found.result, found.next_step) == ("attention", None)
    assert step_of(found, "account").next_step.code == "unlock_user"


def test_a_next_step_has_the_facts_that_its_sentence_names():
    found = step_of(judge(late(vlan="99")), "request").next_step
    assert found.parameters == {"vlan": "99"}
    assert "VLAN 99" in found.sentence.en
    assert "VLAN 99" in found.sentence.it
    assert named_in(TEXTS.next_steps[found.code]) == {"vlan"}


def test_a_fact_that_nobody_knows_stops_no_diagnosis():
    step = step_of(judge(late(heard_from="")), "request")
    assert step.sentence.en.startswith("It was last heard at 2027-01-12 08:00 UTC, from ?;")
    assert "last seen at ?" in step.next_step.sentence.en
    assert step.next_step.parameters == {}


def test_times_are_told_with_their_zone():
    step = step_of(judge(late()), "request")
    assert "2027-01-12 08:00 UTC" in step.sentence.en
    document = judge(late()).document()
    assert document["steps"][5]["facts"]["at"] == "2027-01-12T08:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("result: ok", "result: fine"), "address_known: result is not one of ok, problem"),
        (('it: "{mac} appartiene a {vendor}."', "it: '{mac}'"), "name different facts"),
        (("next: register_phone\n", "next: nothing\n"), "nothing is no next step"),
        (("    next: check_address\n", ""), "a problem needs a next step"),
        (("  address: {en:", "  address: {de:"), "steps: address: only en, it belong here"),
        (("next_steps:\n", "more:\n"), "steps, findings and next_steps belong here"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_entry(tmp_path, change, told):
    text = (shipped_data() / "diagnosis.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    file = tmp_path / "diagnosis.yaml"
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(DiagnosisFileError, match=re.escape(told)):
        Texts.load(file)
