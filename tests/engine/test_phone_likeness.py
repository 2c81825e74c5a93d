"""Which phones are alike for a template."""

import pytest

from provisioning.engine.phone_likeness import likeness

ANNA = {
    "language": "it",
    "account_username_1": "201",
    "account_extension_1": "201",
    "account_password_1": "one",
    "account_display_name_1": "Anna <201>",
    "account_always_fwd_target_1": "0331",
    "linekey_type_1": "blf",
    "linekey_value_1": "202",
    "linekey_label_1": "Berta",
}
BERTA = {
    "language": "it",
    "account_username_1": "202",
    "account_extension_1": "202",
    "account_password_1": "two",
    "account_display_name_1": "Berta <202>",
    "account_always_fwd_target_1": "0332",
    "linekey_type_1": "blf",
    "linekey_value_1": "201",
    "linekey_label_1": "Anna",
}


def of(variables, changed=("language",), texts=("it", "en")):
    return likeness(variables, changed, texts)


def test_phones_of_two_users_are_alike():
    assert of(ANNA) == of(BERTA)


def test_the_order_of_settings_does_not_matter():
    assert of(ANNA) == of(dict(reversed(ANNA.items())))


@pytest.mark.parametrize(
    "other",
    [
        {"language": "de"},
        {"account_username_1": ""},
        {"account_display_name_1": ""},
        {"account_encryption_1": "1"},
        {"account_dnd_enable_1": "1"},
        {"account_always_fwd_target_1": ""},
        {"linekey_type_1": "speed_dial"},
        {"linekey_label_1": ""},
        {"linekey_type_2": "blf"},
        {"a_setting_of_a_site": "x"},
    ],
)
def test_what_a_template_may_decide_by_makes_a_difference(other):
    assert of(ANNA) != of({**ANNA, **other})


def test_a_text_that_is_one_of_the_changed_values_counts_as_it_is():
    """A template may write an account's number where a key has no value, as Tancredi's did."""
    changed = {"changed": ["linekey_value_2"], "texts": ["201", ""]}
    assert of(ANNA, **changed) != of(BERTA, **changed)


def test_a_key_that_the_change_is_about_counts_whole():
    other = {**ANNA, "linekey_value_1": "203"}
    assert of(ANNA) == of(other)
    assert of(ANNA, changed=["linekey_type_1"]) != of(other, changed=["linekey_type_1"])


def test_the_account_of_a_line_key_counts():
    first, second = ({**ANNA, "linekey_type_1": "line", "linekey_value_1": n} for n in "12")
    assert of(first) != of(second)
