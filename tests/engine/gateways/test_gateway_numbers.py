"""Names and numbers of trunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_entries import LIBRARY
from provisioning.engine.gateways.numbers import (
    FIRST_TRUNK_NUMBER,
    LAST_TRUNK_NUMBER,
    NoTrunkNumberLeft,
    free_trunk_number,
    is_trunk_name,
    is_trunk_number,
    trunk_name,
)
from provisioning.engine.mac import MacAddress

PATTON, GRANDSTREAM = LIBRARY.brands["patton"], LIBRARY.brands["grandstream"]
MAC = MacAddress.parse("00:A0:BA:A1:B2:C3")
ALL = {str(number) for number in range(FIRST_TRUNK_NUMBER, LAST_TRUNK_NUMBER + 1)}


@pytest.mark.parametrize(
    ("line", "port", "name"),
    [
        ("bri", 1, "Patton_a1b2c3_isdn_0"),
        ("pri", 4, "Patton_a1b2c3_pri_3"),
        ("fxo", 8, "Patton_a1b2c3_fxo_7"),
    ],
)
def test_a_trunk_is_named_after_brand_address_line_and_port(line, port, name):
    assert trunk_name(PATTON, PATTON.line_types[line], MAC, port) == name
    assert is_trunk_name(name)


def test_a_telephones_port_has_no_trunk():
    with pytest.raises(ValueError, match="has no trunk"):
        trunk_name(GRANDSTREAM, GRANDSTREAM.line_types["fxs"], MAC, 1)


def test_a_deleted_number_is_given_again_but_none_twice():
    """NethVoice's number is a count, so that deleting one trunk repeated another's."""
    taken = {"20001", "20002", "20003"}
    assert free_trunk_number(taken) == "20004"
    assert free_trunk_number(taken - {"20002"}) == "20002"


def test_numbers_keep_five_digits_beyond_a_thousand_trunks():
    """Above 999 NethVoice's number became six digits long, and began with another's."""
    taken = {str(number) for number in range(20_001, 21_000)}
    assert free_trunk_number(taken) == "21000"


def test_numbers_come_to_an_end():
    assert free_trunk_number(ALL - {"29999"}) == "29999"
    with pytest.raises(NoTrunkNumberLeft):
        free_trunk_number(ALL)


@given(taken=st.sets(st.sampled_from(sorted(ALL)), max_size=50))
def test_a_new_number_is_free_and_no_prefix_of_another(taken):
    number = free_trunk_number(taken)

    assert is_trunk_number(number)
    assert not any(number.startswith(other) or other.startswith(number) for other in taken)


@given(text=st.text())
def test_a_trunks_name_and_number_are_single_words(text):
    for is_right in (is_trunk_name, is_trunk_number):
        if is_right(text):
            assert text.replace("_", "").isalnum()
            assert text.isascii()
