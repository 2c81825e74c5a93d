"""Brands and models of gateways as they are shipped."""

import re
from collections import Counter

import pytest

from gateway_entries import EVERY_MODEL, LIBRARY
from provisioning.engine.mac import MacAddress

PATTON, GRANDSTREAM = LIBRARY.brands["patton"], LIBRARY.brands["grandstream"]


def test_every_gateway_of_the_products_list_is_there():
    counted = {m.key: (m.line.id, m.ports) for m in LIBRARY.models.values()}

    assert counted == {
        "ht801": ("fxs", 1), "ht802": ("fxs", 2), "ht812": ("fxs", 2), "ht814": ("fxs", 4),
        "gxw4216": ("fxs", 16), "gxw4224": ("fxs", 24), "gxw4232": ("fxs", 32),
        "gxw4248": ("fxs", 48),
        "TRI_ISDN_1": ("bri", 1), "TRI_ISDN_2": ("bri", 2), "TRI_ISDN_4": ("bri", 4),
        "TRI_PRI_1": ("pri", 1), "TRI_PRI_2": ("pri", 2), "TRI_PRI_4": ("pri", 4),
        "TRI_FXO_2": ("fxo", 2), "TRI_FXO_4": ("fxo", 4), "TRI_FXO_8": ("fxo", 8),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("port", "user", "auth", "password", "name"),
    [
        (1, 4060, 4090, 4120, 4180),
        (20, 4079, 4109, 4139, 4199),
        (21, 4080, 4110, 4140, 4252),
        (30, 4089, 4119, 4149, 4261),
        (31, 4240, 4242, 4244, 4262),
        (32, 4241, 4243, 4245, 4263),
        (33, 21000, 21064, 21128, 21192),
        (48, 21015, 21079, 21143, 21207),
    ],
)
def test_the_port_table_has_the_parameters_of_the_sheet(port, user, auth, password, name):
    numbers = LIBRARY.models["grandstream-gxw4248"].family.ports.of(port)

    wanted = {"user_id": user, "auth_id": auth, "password": password, "display_name": name}
    assert {attribute: numbers[attribute] for attribute in wanted} == wanted


def test_the_rest_of_the_port_table_is_the_sheets_too():
    table = LIBRARY.models["grandstream-gxw4248"].family.ports
    rest = ("profile", "hunting_group", "enabled")

    assert [tuple(table.of(n)[a] for a in rest) for n in (1, 30, 31, 32, 33, 48)] == [
        (4150, 4300, 4595), (4179, 4329, 4624), (4246, 4250, 4625), (4247, 4251, 4626),
        (21256, 21320, 21384), (21271, 21335, 21399),
    ]  # fmt: skip


@pytest.mark.parametrize("model_id", [m for m in EVERY_MODEL if "grandstream" in m])
def test_no_parameter_stands_for_two_things(model_id):
    """P4180 + 20 would be P4200, the dial plan; P4060 + 30 would be P4090."""
    model = LIBRARY.models[model_id]
    family = model.family
    ports = [n for p in range(1, model.ports + 1) for n in family.ports.of(p).values()]
    accounts = [n for a in family.rtp_ports for n in family.accounts.of(a).values()]

    twice = [n for n, times in Counter([*ports, *accounts, 4200]).items() if times > 1]
    assert twice == []


def test_the_second_port_of_an_ht802_is_an_account_of_its_own():
    family = LIBRARY.models["grandstream-ht802"].family

    assert family.ports.of(2) == {
        "user_id": 735, "auth_id": 736, "password": 734, "display_name": 703,
    }  # fmt: skip
    assert family.accounts.of(2)["proxy"] == 748


def test_the_passwords_of_all_ports_are_secret_and_never_read_back():
    passwords = {4120, 4149, 4244, 4245, 21128, 21143, 34, 734, 2, 196}

    assert passwords <= GRANDSTREAM.write_only
    assert passwords | {237} <= GRANDSTREAM.secret_parameters


@pytest.mark.parametrize(
    ("mac", "brand"),
    [("00a0ba000001", PATTON), ("000b82000001", GRANDSTREAM), ("ec74d7000001", GRANDSTREAM)],
)
def test_addresses_tell_the_brand(mac, brand):
    assert [b.id for b in LIBRARY.brands.values() if b.owns(MacAddress(mac))] == [brand.id]


def test_models_line_types_countries_and_protocols_have_names_in_both_languages():
    labels = [
        *(m.label for m in LIBRARY.models.values()),
        *(line.label for b in LIBRARY.brands.values() for line in b.line_types.values()),
        *(country.label for b in LIBRARY.brands.values() for country in b.countries.values()),
        *PATTON.line_types["bri"].protocols.values(),
    ]

    assert all(label.en.strip() and label.it.strip() for label in labels)
    assert len({m.label.it for m in LIBRARY.models.values()}) == len(LIBRARY.models)


def test_italy_comes_first():
    assert [next(iter(b.countries)) for b in LIBRARY.brands.values()] == ["it", "it"]


def test_what_no_source_establishes_says_so():
    """Nothing that a Trinity unit says, and nothing that it calls itself, is documented."""
    guesses = set(PATTON.unverified)

    assert {f"dialogue.refusals.{n}" for n in range(len(PATTON.dialogue.refusals))} <= guesses
    assert {"default_login", "dialogue.questions.1", "facts.account_command"} <= guesses
    assert "families.ht81x.facts.device_mode" in GRANDSTREAM.unverified
    assert not any(m.verified for m in LIBRARY.models.values() if m.brand == "patton")
    assert all(m.verified for m in LIBRARY.models.values() if m.brand == "grandstream")


@pytest.mark.parametrize("brand", LIBRARY.brands.values(), ids=lambda brand: brand.id)
def test_no_command_of_a_brand_can_reset_or_upgrade_a_gateway(brand):
    """A gateway in factory state would be out of reach."""
    sent = [step.send for steps in brand.dialogue.steps.values() for step in steps]

    assert not [command for command in sent if re.match("reset|upgrade|factory|erase", command)]
