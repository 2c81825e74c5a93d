"""Which items may begin: pace and fair shares."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.jobs.pace import BURST_SECONDS, Pace, shares

PACES = st.floats(0.01, 10_000)
NUMBERS = st.dictionaries(st.integers(1, 6), st.integers(0, 20), max_size=6)


@given(PACES, st.lists(st.tuples(st.floats(0, 10), st.integers(0, 100)), max_size=50))
def test_a_pace_is_never_exceeded_by_more_than_its_burst(per_second, looks):
    now = 1_000.0
    pace = Pace.begin(per_second, now)
    begun = 0
    for seconds, wanted in looks:
        now += seconds
        items = min(wanted, pace.allowed(now))
        pace.spend(items)
        begun += items
        assert begun <= (now - 1_000) * per_second + 1 + per_second * BURST_SECONDS + 0.01


@given(PACES)
def test_whoever_always_wants_gets_the_whole_pace(per_second):
    now = 1_000.0
    pace = Pace.begin(per_second, now)
    begun = 0
    for _ in range(400):
        now += BURST_SECONDS / 2
        items = pace.allowed(now)
        pace.spend(items)
        begun += items
    assert begun >= int((now - 1_000) * per_second * 0.99)


@given(PACES)
def test_the_next_item_may_begin_when_it_was_said(per_second):
    pace = Pace.begin(per_second, 1_000.0)
    pace.spend(pace.allowed(1_000.0))

    assert pace.allowed(1_000.0) == 0
    assert pace.allowed(1_000.0 + pace.seconds_to_next() + 1e-6) >= 1


@given(st.integers(0, 20), NUMBERS, NUMBERS, st.integers(1, 16))
def test_shares_give_away_what_is_free_to_those_that_have_least(free, busy, wanted, least):
    at_most = {number: least + number for number in wanted}
    given_away = shares(free, busy, wanted, at_most=at_most)

    assert sum(given_away.values()) <= free
    has = {number: busy.get(number, 0) + given_away.get(number, 0) for number in wanted}
    hungry = {
        number
        for number in wanted
        if given_away.get(number, 0) < wanted[number] and has[number] < at_most[number]
    }
    assert not hungry or sum(given_away.values()) == free
    for number, items in given_away.items():
        assert 0 < items <= wanted[number]
        assert has[number] <= at_most[number]
        assert all(has[number] <= has[other] + 1 for other in hungry)


def test_two_operations_share_alike():
    assert shares(10, {}, {1: 1_000, 2: 1_000}, at_most={1: 12, 2: 12}) == {1: 5, 2: 5}
    assert shares(10, {1: 8}, {1: 1_000, 2: 1_000}, at_most={1: 12, 2: 12}) == {1: 1, 2: 9}
    assert shares(10, {}, {1: 1_000, 2: 2}, at_most={1: 12, 2: 12}) == {1: 8, 2: 2}
