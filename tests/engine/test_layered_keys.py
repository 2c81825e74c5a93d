"""Which layer a key comes from, and which layers it hides."""

from provisioning.engine.keys import Key
from provisioning.engine.layered_keys import layered, person_of
from provisioning.engine.people import Person, with_people
from provisioning.engine.scopes import Scope, merge

ANNA = Person("anna", "Anna", "201", "sales")


def key_of(number=3, **layers):
    """A key of a phone with layers, farthest first, and Anna as the only user."""
    scopes = [
        Scope(kind, kind, with_people(variables, {"anna": ANNA}))
        for kind, variables in layers.items()
    ]
    merged = merge(scope.variables for scope in scopes)
    key = Key(
        number,
        *(merged.get(f"linekey_{member}_{number}", "") for member in ("type", "value", "label")),
    )
    return layered(key, "linekey", scopes, {"anna"})


def kinds(scopes):
    return [scope.kind for scope in scopes]


BLF = {"linekey_type_3": "blf", "linekey_value_3": "202"}
OF_ANNA = {"linekey_type_3": "blf", "linekey_person_3": "anna"}
OF_NOBODY = {"linekey_type_3": "blf", "linekey_person_3": "carla"}


def test_a_key_that_nobody_sets_comes_from_no_layer_and_is_free():
    found = key_of(defaults={}, phone={"linekey_type_4": "blf"})
    assert (found.origin, found.hides, found.free) == (None, (), True)


def test_the_nearest_layer_that_sets_the_type_is_where_a_key_comes_from():
    found = key_of(defaults=BLF, model={}, layout={"linekey_type_3": "dnd"}, phone={})
    assert found.origin.kind == "layout"
    assert kinds(found.hides) == ["defaults"]
    assert (found.key.type, found.free) == ("dnd", False)


def test_layers_that_are_hidden_are_told_nearest_first():
    found = key_of(defaults=BLF, model=BLF, layout=BLF, phone=BLF)
    assert found.origin.kind == "phone"
    assert kinds(found.hides) == ["layout", "model", "defaults"]


def test_a_layer_that_sets_the_label_only_does_not_make_the_key_its_own():
    found = key_of(layout=BLF, phone={"linekey_label_3": "Door"})
    assert found.origin.kind == "layout"
    assert kinds(found.changed_by) == ["phone"]
    assert found.hides == ()


def test_a_key_without_a_type_comes_from_the_nearest_layer_that_sets_anything():
    found = key_of(layout={"linekey_label_3": "a"}, phone={"linekey_value_3": "202"})
    assert found.origin.kind == "phone"
    assert kinds(found.hides) == ["layout"]
    assert found.free


def test_a_key_that_is_explicitly_none_comes_from_the_layer_that_says_so():
    found = key_of(layout=BLF, phone={"linekey_type_3": ""})
    assert (found.origin.kind, found.free) == ("phone", True)


def test_another_key_with_a_longer_number_is_another_key():
    assert key_of(3, phone={"linekey_type_33": "blf"}).origin is None


def test_a_key_of_a_person_tells_whom_it_refers_to():
    found = key_of(layout=OF_ANNA, phone={})
    assert (found.person, found.orphan) == ("anna", False)
    assert (found.key.value, found.key.label) == ("201", "Anna")


def test_a_key_whose_person_is_gone_is_an_orphan_and_free():
    found = key_of(layout=OF_NOBODY)
    assert (found.person, found.orphan, found.free) == ("carla", True, True)
    assert found.origin.kind == "layout"


def test_a_reference_that_a_nearer_layer_hides_makes_no_orphan():
    found = key_of(layout=OF_NOBODY, phone=BLF)
    assert (found.person, found.orphan) == ("", False)


def test_a_nearer_label_leaves_the_reference_alone():
    found = key_of(layout=OF_ANNA, phone={"linekey_label_3": "Boss"})
    assert (found.person, found.key.label) == ("anna", "Boss")


def test_a_key_that_nobody_sets_refers_to_nobody():
    assert person_of("linekey", 1, [Scope("phone", "p", {})]) == ""
