"""Key layouts: runs of keys that are kept for the people of a group."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.layouts import Fill, layer
from provisioning.engine.people import Person

SALES = [
    Person("ada", "Ada", "201", "sales"),
    Person("bob", "Bob", "202", "sales"),
    Person("cleo", "Cleo", "203", "sales"),
]
OTHERS = [Person("dan", "Dan", "301", "support")]


def fill(first: int, last: int, order: str = "name") -> Fill:
    return Fill("linekey", first, last, "sales", order)


def labels(keys: dict[str, str]) -> list[str]:
    return [keys[name] for name in sorted(keys) if "_label_" in name]


def test_everyone_of_the_group_but_oneself_gets_a_key():
    """Automatic BLF for all but oneself was asked for (nemerald-voip/fspbx 92)."""
    keys = layer({}, [fill(3, 5)], [*SALES, *OTHERS], besides={"bob"})
    assert labels(keys) == ["Ada", "Cleo", ""]
    assert (keys["linekey_type_3"], keys["linekey_value_3"]) == ("blf", "201")


def test_keys_that_no_person_is_left_for_have_no_function():
    keys = layer({}, [fill(3, 6)], SALES[:1], besides=())
    assert [keys[f"linekey_type_{n}"] for n in (3, 4, 5, 6)] == ["blf", "", "", ""]


def test_who_does_not_fit_has_no_key():
    assert labels(layer({}, [fill(1, 2)], SALES, besides=())) == ["Ada", "Bob"]


def test_a_key_that_the_layout_sets_is_left_out_of_the_run():
    keys = layer({"linekey_type_2": "dnd"}, [fill(1, 3)], SALES, besides=())
    assert (keys["linekey_label_1"], keys["linekey_label_3"]) == ("Ada", "Bob")
    assert keys["linekey_type_2"] == "dnd"
    assert "linekey_label_2" not in keys


@given(
    people=st.lists(st.sampled_from([*SALES, *OTHERS]), unique=True),
    besides=st.sets(st.sampled_from(["ada", "bob", "cleo", "dan"])),
    last=st.integers(1, 6),
)
def test_a_run_holds_each_person_of_the_group_at_most_once(people, besides, last):
    keys = layer({}, [fill(1, last)], people, besides=besides)
    shown = [label for label in labels(keys) if label]
    expected = sorted(
        p.display_name for p in people if p.group == "sales" and p.name not in besides
    )
    assert shown == expected[:last]
    assert len(keys) == 3 * last
