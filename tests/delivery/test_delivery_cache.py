"""The memory for rendered bodies: bounded, the least used go first."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.delivery.cache import Cache, Entry


def entry(size: int = 0) -> Entry:
    body = b"x" * size if size else None
    return Entry(1, '"e"', "text/plain", "00-15-65-00-00-01", "tok2", True, None, body)


def test_an_entry_is_found_again():
    cache, kept = Cache(10_000), entry(10)
    cache.put("a", kept)

    assert cache.get("a") is kept
    assert cache.get("b") is None


def test_the_least_used_entries_make_room():
    cache = Cache(7_000)
    for key in "abc":
        cache.put(key, entry(1_000))
    cache.get("a")
    cache.put("d", entry(1_000))

    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]


def test_an_entry_larger_than_everything_is_not_kept():
    cache = Cache(5_000)
    cache.put("a", entry(100))
    cache.put("b", entry(50_000))

    assert cache.get("b") is None


def test_nothing_is_left_after_clearing():
    cache = Cache(5_000)
    cache.put("a", entry(100))
    cache.clear()

    assert cache.get("a") is None
    for key in "bcd":
        cache.put(key, entry(100))
    assert all(cache.get(key) for key in "bcd")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3_000)), max_size=60))
def test_the_bound_holds_whatever_is_kept(puts):
    cache = Cache(10_000)
    for key, size in puts:
        cache.put(key, entry(size))
        kept = [found for found in (cache.get(k) for k in range(21)) if found]
        assert sum(len(found.body or b"") for found in kept) <= 10_000
        assert len(kept) <= 10  # an entry without a body counts too
