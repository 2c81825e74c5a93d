"""Keys that refer to people: number and label follow, and a key whose person is gone is free."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.people import (
    KeySetting,
    Person,
    in_order,
    key_setting,
    referenced,
    with_people,
)

ADA = Person("ada", "Ada Lovelace", "201", "sales")
PEOPLE = {"ada": ADA}
REFERENCE = {"linekey_type_3": "blf", "linekey_person_3": "ada"}


def test_number_and_label_follow_the_person():
    """Labels of BLF keys went stale (NethServer/dev 7146, fusionpbx/fusionpbx 3473)."""
    filled = with_people(REFERENCE, PEOPLE)
    assert filled == {**REFERENCE, "linekey_value_3": "201", "linekey_label_3": "Ada Lovelace"}


def test_what_somebody_typed_stays():
    typed = {**REFERENCE, "linekey_value_3": "91201", "linekey_label_3": "Boss"}
    assert with_people(typed, PEOPLE) == typed


def test_a_key_whose_person_is_gone_has_no_function():
    """Its number may be another's by now."""
    typed = {**REFERENCE, "linekey_value_3": "201", "linekey_label_3": "Boss"}
    filled = with_people(typed, {})
    assert [filled[f"linekey_{m}_3"] for m in ("type", "value", "label")] == ["", "", ""]
    assert filled["linekey_person_3"] == "ada"


def test_a_key_that_refers_to_nobody_is_left_alone():
    settings = {"linekey_type_1": "blf", "linekey_person_1": "", "linekey_value_1": "300"}
    assert with_people(settings, PEOPLE) == settings


def test_only_references_of_keys_count():
    settings = {"linekey_person_1": "ada", "expkey_person_200": "bob", "linekey_person_x": "eve",
                "person_1": "eve", "softkey_person_2": ""}  # fmt: skip
    assert referenced(settings) == {"ada", "bob"}


def test_the_settings_of_keys_are_told_apart():
    assert key_setting("expkey_label_61") == KeySetting("expkey", "label", 61)
    for other in ("linekey_type", "linekey_type_0", "linekey_type_01", "cap_linekey_count", "x"):
        assert key_setting(other) is None


def test_people_are_in_the_order_of_their_names_or_of_their_extensions():
    people = [Person("b", "émile", "1000", ""), Person("a", "Zoe", "99", ""), ADA]
    assert [p.display_name for p in in_order(people, "name")] == ["Ada Lovelace", "Zoe", "émile"]
    assert [p.extension for p in in_order(people, "extension")] == ["99", "201", "1000"]


@given(
    st.dictionaries(
        st.sampled_from([f"linekey_{m}_{n}" for m in ("type", "value", "label", "person")
                         for n in (1, 2)]),
        st.sampled_from(["", "blf", "ada", "bob", "201"]),
    )
)  # fmt: skip
def test_filling_in_again_changes_nothing(settings):
    once = with_people(settings, PEOPLE)
    assert with_people(once, PEOPLE) == once
    assert once.keys() >= settings.keys()
