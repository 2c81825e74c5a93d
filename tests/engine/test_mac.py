"""MAC addresses in every notation people and devices use."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.mac import MacAddress

numbers = st.integers(0, 2**48 - 1)


def written(number: int) -> str:
    return f"{number:012x}"


@given(numbers, st.sampled_from("Ul"))
def test_every_notation_means_the_same_address(number, case):
    bare = written(number)
    pairs = [bare[i : i + 2] for i in range(0, 12, 2)]
    quads = [bare[i : i + 4] for i in range(0, 12, 4)]
    notations = [bare, ":".join(pairs), "-".join(pairs), ".".join(quads), f"  {bare}\n"]
    if case == "U":
        notations = [notation.upper() for notation in notations]

    assert {MacAddress.parse(notation) for notation in notations} == {MacAddress(bare)}


@given(numbers)
def test_its_own_notations_can_be_read_again(number):
    mac = MacAddress(written(number))

    assert mac == MacAddress.parse(str(mac)) == MacAddress.parse(mac.colons)
    assert mac.value == number


@given(st.text())
def test_any_text_is_an_address_or_refused(text):
    with suppress(ValueError):
        mac = MacAddress.parse(text)
        assert len(mac.bare) == 12
        assert set(mac.bare) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "text",
    [
        "", "0015", "00:15:65:aa:bb", "00:15:65:aa:bb:01:02", "00:15-65:aa:bb:01", "0015.65aa:bb01",
        "00:15:65:aa:bb:0g", "00 15 65 aa bb 01", "../../etc", "00-15-65-AA-BB-01/../x",
        "0x001565aabb01", "\uff10\uff10\uff11\uff15\uff16\uff15aabb01", "00:15:65:aa:bb:01\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="for example 00-15-65-AA-BB-01"):
        MacAddress.parse(text)


def test_a_refusal_does_not_repeat_pages():
    with pytest.raises(ValueError, match="is not a MAC address") as refused:
        MacAddress.parse("x" * 100_000)
    assert len(str(refused.value)) < 300


def test_an_address_has_the_forms_that_are_asked_for():
    mac = MacAddress.parse("00:15:65:AA:BB:01")

    assert str(mac) == "00-15-65-AA-BB-01"
    assert (mac.bare, mac.colons, mac.oui) == ("001565aabb01", "00:15:65:AA:BB:01", "001565")


def test_addresses_are_ordered_by_number():
    assert MacAddress.parse("00-00-00-00-00-0A") < MacAddress.parse("00-00-00-00-00-0B")
