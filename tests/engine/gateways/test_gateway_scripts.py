"""Command scripts as trees: what was loaded against what a gateway shows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_entries import LIBRARY, rendered
from provisioning.engine.gateways.dialogue import ReadBack
from provisioning.engine.gateways.scripts import compare, lines_of

READ_BACK = LIBRARY.brands["patton"].dialogue.read_back
STRICT = ReadBack(ignored=(), stale=READ_BACK.stale)

GIVEN = """\
context cs SWITCH
  national-prefix 0

  mapping-table a to b cutpref
    map 20001(.%) to \\1
context cs SWITCH
  no shutdown
authentication-service AUTH_SRV_0
  username u password secret
"""


def test_lines_stand_in_their_blocks_however_deep_they_are_indented():
    wanted = [
        ("context cs SWITCH",),
        ("context cs SWITCH", "national-prefix 0"),
        ("context cs SWITCH", "mapping-table a to b cutpref"),
        ("context cs SWITCH", "mapping-table a to b cutpref", "map 20001(.%) to \\1"),
    ]

    assert list(lines_of(GIVEN))[:4] == wanted
    assert list(lines_of(GIVEN.replace("  ", "\t")))[:4] == wanted
    assert list(lines_of("#----\n!\n\n" + GIVEN))[:4] == wanted


@pytest.mark.parametrize(
    "model", ["patton-trinity-bri-4", "patton-trinity-pri-2", "patton-trinity-fxo-8"]
)
def test_a_script_that_is_read_back_in_another_order_is_as_loaded(model):
    script = rendered(model)
    blocks = re.split(r"\n\n(?=\S)", script)
    turned = "\n!\n".join(reversed(blocks)).replace("  ", "   ")

    assert compare(script, turned, STRICT).as_loaded
    assert compare(script, turned, STRICT).extra == ()


def test_passwords_may_come_back_encrypted():
    shown = GIVEN.replace("password secret", "password encrypted XXXX")
    assert compare(GIVEN, shown, STRICT).as_loaded


def test_a_line_that_is_missing_is_told_with_its_blocks():
    found = compare(GIVEN, GIVEN.replace("  national-prefix 0\n", ""), STRICT)

    assert found.missing == ("context cs SWITCH / national-prefix 0",)
    assert not found.as_loaded


def test_a_line_in_another_block_is_missing():
    found = compare("a\n  x\nb\n  y\n", "a\n  y\nb\n  x\n", STRICT)
    assert found.missing == ("a / x", "b / y")


@pytest.mark.parametrize(
    "line",
    ["    map 20990(.%) to \\1", "    route 20990.% dest-service X cutpref"],
)
def test_old_routes_must_not_be_left(line):
    shown = GIVEN.replace("    map 20001", f"{line}\n    map 20001")
    found = compare(GIVEN, shown, READ_BACK)

    assert len(found.stale) == 1
    assert not found.as_loaded


def test_an_old_account_must_not_be_left():
    shown = GIVEN + "authentication-service AUTH_SRV_9\n  username old password x\n"
    found = compare(GIVEN, shown, READ_BACK)

    assert len(found.stale) == 2
    assert found.missing == found.extra == ()


def test_defaults_that_the_firmware_adds_are_only_told():
    found = compare(GIVEN, GIVEN + "telnet-server\n  port 23\n", READ_BACK)

    assert found.as_loaded
    assert found.extra == ("telnet-server", "telnet-server / port 23")


def test_no_difference_tells_a_secret():
    found = compare(GIVEN, "username x password hidden\n", STRICT)
    assert "secret" not in str(found)
    assert "hidden" not in str(found)


@given(script=st.text(max_size=300))
def test_whatever_a_gateway_shows_is_compared(script):
    assert compare(script, script, STRICT).as_loaded
    compare(GIVEN, script, READ_BACK)
