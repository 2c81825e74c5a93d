"""Prefixes and expressions that stand for a MAC range hold its addresses, and no other."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.dhcp.cover import joined, prefixes, without
from provisioning.engine.dhcp.dhcpd import expression
from provisioning.engine.vendors import MacRange

ADDRESS = st.integers(0, 2**48 - 1)
SPAN = st.one_of(st.integers(0, 600), st.integers(0, 2**18), st.integers(0, 2**40))
RANGES = st.builds(
    lambda first, span: MacRange(first, min(first + span, 2**48 - 1)), ADDRESS, SPAN
)  # fmt: skip
SMALL = st.builds(
    lambda first, span: MacRange(first, first + span), st.integers(0, 40), st.integers(0, 20)
)


def of_prefix(prefix: str) -> MacRange:
    missing = 12 - len(prefix)
    return MacRange(int(prefix + "0" * missing, 16), int(prefix + "f" * missing, 16))


def numbers(ranges) -> list[int]:
    return [number for found in ranges for number in range(found.first, found.last + 1)]


@given(RANGES, st.sampled_from([4, 8]))
def test_prefixes_follow_each_other_from_the_first_address_to_the_last(found, bits):
    shown = [of_prefix(prefix) for prefix in prefixes(found, bits)]
    assert shown[0].first == found.first
    assert shown[-1].last == found.last
    assert all(a.last + 1 == b.first for a, b in pairwise(shown))


@given(RANGES)
def test_a_server_that_compares_bytes_gets_whole_bytes(found):
    assert all(len(prefix) % 2 == 0 for prefix in prefixes(found, 8))


def test_a_whole_prefix_stays_one():
    assert list(prefixes(MacRange.of_prefix("00:15:65"), 8)) == ["001565"]
    assert list(prefixes(MacRange.of_prefix("00:15:65:A"), 4)) == ["001565a"]


@given(RANGES, st.data())
def test_an_expression_matches_an_address_if_the_range_holds_it(found, data):
    near = [found.first - 1, found.first, found.last, found.last + 1]
    inside = data.draw(st.integers(found.first, found.last))
    for number in (*near, inside, data.draw(ADDRESS)):
        if 0 <= number < 2**48:
            written = ":".join(f"{byte:x}" for byte in number.to_bytes(6, "big"))
            matches = re.match(expression(found), written) is not None
            assert matches == (found.first <= number <= found.last), written


@given(st.lists(SMALL))
def test_joining_changes_no_address_and_leaves_gaps_between_ranges(ranges):
    made = joined(ranges)
    assert numbers(made) == sorted({*numbers(ranges)})
    assert all(a.last + 1 < b.first for a, b in pairwise(made))


@given(SMALL, st.lists(SMALL))
def test_what_is_cut_out_is_gone_and_nothing_else(found, taken):
    assert numbers(without(found, taken)) == sorted({*numbers([found])} - {*numbers(taken)})
