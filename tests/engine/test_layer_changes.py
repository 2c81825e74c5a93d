"""What a change of one layer does to the settings that apply."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.layer_changes import setting_changes
from provisioning.engine.scopes import Origin, Scope, merge

NAMES = ("language", "contrast", "linekey_type_1")


def layers(**by_kind) -> list[Scope]:
    """Layers by kind; layouts by their names."""
    layouts = by_kind.get("layouts", {})
    return [
        Scope("defaults", "defaults", by_kind.get("defaults", {})),
        Scope("model", by_kind.get("model_id", "m"), by_kind.get("model", {})),
        *(Scope("layout", name, variables) for name, variables in layouts.items()),
        Scope("phone", "mac", by_kind.get("phone", {})),
    ]


def the_only(before, after):
    [change] = setting_changes(before, after)
    return change


def test_a_value_that_no_nearer_layer_sets_arrives():
    change = the_only(layers(defaults={"language": "en"}), layers(defaults={"language": "it"}))
    assert (change.name, change.values, change.arrives) == ("language", ("en", "it"), True)
    assert not change.hidden


def test_a_nearer_layer_hides_a_change():
    change = the_only(
        layers(defaults={"language": "en"}, phone={"language": "de"}),
        layers(defaults={"language": "it"}, phone={"language": "de"}),
    )
    assert change.hidden
    assert not change.arrives
    assert change.after == Origin("phone", "mac", "de")


def test_explicitly_none_hides_a_change_too():
    change = the_only(
        layers(defaults={"language": "en"}, phone={"language": ""}),
        layers(defaults={"language": "it"}, phone={"language": ""}),
    )
    assert change.hidden


def test_the_value_that_a_farther_layer_has_already_is_neither_new_nor_hidden():
    change = the_only(
        layers(defaults={"language": "it"}),
        layers(defaults={"language": "it"}, model={"language": "it"}),
    )
    assert not change.arrives
    assert not change.hidden
    assert change.after == Origin("model", "m", "it")


def test_an_empty_value_is_another_one_than_none():
    change = the_only(layers(), layers(model={"language": ""}))
    assert (change.values, change.arrives) == ((None, ""), True)


def test_another_model_with_the_same_settings_changes_none():
    settings = {"model": {"language": "it"}}
    assert setting_changes(layers(**settings), layers(**settings, model_id="n")) == []


def test_layouts_that_change_their_order_change_what_both_set():
    one, other = {"linekey_type_1": "blf"}, {"linekey_type_1": "dnd"}
    change = the_only(
        layers(layouts={"A": one, "B": other}),
        layers(layouts={"B": other, "A": one}),
    )
    assert change.values == ("dnd", "blf")


settings = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "a", "b"]), max_size=3)
stacks = st.builds(
    layers,
    defaults=settings,
    model=settings,
    layouts=st.dictionaries(st.sampled_from(["A", "B"]), settings, max_size=2),
    phone=settings,
)


@given(before=stacks, after=stacks)
def test_what_arrives_is_what_differs_in_the_merged_settings(before, after):
    old = merge(scope.variables for scope in before)
    new = merge(scope.variables for scope in after)
    differing = {name for name in {**old, **new} if old.get(name) != new.get(name)}
    changes = setting_changes(before, after)
    assert {change.name for change in changes if change.arrives} == differing
    for change in changes:
        assert change.values == (old.get(change.name), new.get(change.name))


@given(stack=stacks)
def test_nothing_changes_by_itself(stack):
    assert setting_changes(stack, stack) == []
