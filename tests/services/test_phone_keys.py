"""The keys of phones and models, with the layers they come from."""

import pytest
from drafted import SNOM, YEALINK, register

from provisioning.engine.layouts import Fill
from provisioning.services import layouts, links, models, phone_keys, users
from provisioning.services.errors import NotFound
from provisioning.services.layouts import Uses
from provisioning.services.users import NewUser

OF_MODEL = ("model", "yealink-T46")


def layer_of(key):
    """Kinds and ids of the layers of a key: its own, and those it hides."""
    origin = key.origin and (key.origin.kind, key.origin.id)
    return origin, tuple((scope.kind, scope.id) for scope in key.hides)


def test_every_key_of_the_model_is_told_free_ones_too(site):
    register(site)
    found = phone_keys.of_phone(site, YEALINK)
    assert [key.key.number for key in found.line_keys] == list(range(1, 28))
    assert [key.key.number for key in found.soft_keys] == [1, 2, 3, 4]
    assert {number: len(keys) for number, keys in found.expansion_modules.items()} == {
        1: 60,
        2: 60,
        3: 60,
    }
    assert found.expansion_modules[2][0].key.number == 61
    # The shipped model presets some of its line keys, and says nothing of modules.
    for key in found.line_keys:
        is_preset = key.key.type == "line"
        assert (layer_of(key), key.free) == ((OF_MODEL if is_preset else None, ()), not is_preset)
    assert all(key.free for key in found.expansion_modules[3])
    assert {layer_of(key) for key in found.expansion_modules[3]} == {(None, ())}


def test_a_layout_of_the_phone_hides_those_of_tags_and_models(site):
    register(site, tags=("hall",))
    models.change(site, "yealink-T46", variables={"linekey_type_3": "dnd"}, by="tests")
    for name, uses in {
        "Of model": Uses(models=("yealink-T46",)),
        "Of tag": Uses(tags=("hall",)),
        "Of phone": Uses(phones=(str(YEALINK),)),
    }.items():
        layouts.create(site, name, variables={"linekey_type_3": "blf"}, uses=uses, by="tests")
    key = phone_keys.of_phone(site, YEALINK).line_keys[2]
    assert layer_of(key) == (
        ("layout", "Of phone"),
        (("layout", "Of tag"), ("layout", "Of model"), OF_MODEL),
    )


def test_a_run_of_a_layout_gives_its_keys_without_a_reference(site):
    for name, extension in (("anna", "201"), ("berta", "202")):
        users.create(NewUser(name, name.title(), extension, group="sales"), by="tests")
    register(site)
    links.link(YEALINK, "anna", by="tests")
    uses = Uses(models=("yealink-T46",))
    fills = [Fill("linekey", 1, 2, "sales", "name")]
    layouts.create(site, "Sales", variables={}, fills=fills, uses=uses, by="tests")

    first, second = phone_keys.of_phone(site, YEALINK).line_keys[:2]
    assert (first.key.label, first.person, layer_of(first)) == (
        "Berta",
        "",
        (("layout", "Sales"), (OF_MODEL,)),
    )
    assert (second.free, layer_of(second)) == (True, (("layout", "Sales"), (OF_MODEL,)))
    # A model has no user to leave out.
    keys = phone_keys.of_model(site, "yealink-T46").line_keys[:2]
    assert [key.key.label for key in keys] == ["Anna", "Berta"]


def test_a_key_of_a_user_who_is_gone_is_an_orphan(site):
    users.create(NewUser("anna", "Anna", "201"), by="tests")
    register(site, SNOM, "snom-D785", {"linekey_type_1": "blf", "linekey_person_1": "anna"})
    assert not phone_keys.of_phone(site, SNOM).line_keys[0].orphan
    users.delete("anna", by="tests")
    key = phone_keys.of_phone(site, SNOM).line_keys[0]
    assert (key.orphan, key.free, key.person) == (True, True, "anna")


def test_a_model_has_its_own_keys_and_those_of_its_layouts(site):
    models.change(site, "snom-D785", variables={"linekey_type_1": "dnd"}, by="tests")
    uses = Uses(models=("snom-D785",))
    layouts.create(site, "L", variables={"linekey_type_2": "blf"}, uses=uses, by="tests")
    first, second, *_ = phone_keys.of_model(site, "snom-D785").line_keys
    assert layer_of(first) == (("model", "snom-D785"), ())
    assert layer_of(second) == (("layout", "L"), (("model", "snom-D785"),))


def test_only_what_exists_has_keys(site):
    with pytest.raises(NotFound):
        phone_keys.of_phone(site, YEALINK)
    with pytest.raises(NotFound):
        phone_keys.of_model(site, "yealink-T999")
