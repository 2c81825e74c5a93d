"""Inheritance of settings: three states, origins, and differences that bring everything back."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.scopes import Scope, changed, differences, merge, resolve

names = st.sampled_from(["a", "b", "c", "linekey_type_1", "timezone"])
values = st.sampled_from(["", "0", "1", "it"]) | st.text(max_size=5)
variables = st.dictionaries(names, values)
patches = st.dictionaries(names, st.none() | values)


def test_not_set_explicitly_none_and_a_value_are_three_states():
    below = {"unset": "below", "none": "below", "value": "below"}
    above = {"none": "", "value": "above"}

    assert merge([below, above]) == {"unset": "below", "none": "", "value": "above"}


@given(own=variables, base=variables)
def test_differences_bring_a_scope_back(own, base):
    assert changed(base, differences(own, base)) == own


@given(variables)
def test_what_is_equal_has_no_differences(own):
    assert differences(own, own) == {}


@given(own=variables, base=variables)
def test_differences_name_only_what_differs(own, base):
    for name, value in differences(own, base).items():
        assert value != base.get(name)


@given(own=variables, base=variables, newer=variables)
def test_a_newer_base_reaches_what_the_site_did_not_change(own, base, newer):
    stored = differences(own, base)

    assert all(changed(newer, stored).get(n) == v for n, v in newer.items() if n not in stored)


@given(variables, patches)
def test_a_patch_sets_unsets_and_leaves_the_rest(before, patch):
    after = changed(before, patch)

    for name, value in patch.items():
        assert after.get(name) == value
        assert (name in after) == (value is not None)
    assert {n: v for n, v in after.items() if n not in patch} == {
        n: v for n, v in before.items() if n not in patch
    }


@given(variables, patches)
def test_a_patch_twice_is_a_patch_once(before, patch):
    once = changed(before, patch)

    assert changed(once, patch) == once


@given(variables, patches)
def test_a_patch_leaves_what_it_is_given_alone(before, patch):
    copies = dict(before), dict(patch)

    changed(before, patch)

    assert (before, patch) == copies


def scopes(*layers) -> list[Scope]:
    ids = (("defaults", "defaults"), ("model", "yealink-T46"), ("phone", "00-15-65-AA-BB-01"))
    return [Scope(*scope, layer) for scope, layer in zip(ids, layers, strict=True)]


@given(variables, variables, variables)
def test_the_values_that_apply_are_those_of_the_merged_layers(defaults, model, phone):
    found = resolve(scopes(defaults, model, phone))

    assert {n: f.value for n, f in found.items()} == merge([defaults, model, phone])


@given(variables, variables, variables)
def test_every_value_is_told_once_nearest_first(defaults, model, phone):
    layers = {"defaults": defaults, "model": model, "phone": phone}
    for name, found in resolve(scopes(defaults, model, phone)).items():
        told = [found.origin, *found.shadowed]
        expected = [kind for kind in ("phone", "model", "defaults") if name in layers[kind]]
        assert [origin.kind for origin in told] == expected
        assert all(origin.value == layers[origin.kind][name] for origin in told)


def test_a_value_that_is_hidden_by_none_is_told():
    found = resolve(scopes({"timezone": "Europe/Rome"}, {}, {"timezone": ""}))["timezone"]

    assert (found.value, found.origin.id) == ("", "00-15-65-AA-BB-01")
    assert [hidden.value for hidden in found.shadowed] == ["Europe/Rome"]


def test_the_order_of_the_farthest_layer_is_kept():
    """Clients of the original see the defaults in the order of the file."""
    assert list(merge([{"b": "1", "a": "1"}, {"c": "1", "a": "2"}])) == ["b", "a", "c"]
