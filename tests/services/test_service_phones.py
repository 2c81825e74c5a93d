"""Phones of a site: registered once, changed in three states, with everything that applies."""

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import defaults, models, phones
from provisioning.services.errors import AlreadyExists, NotFound
from provisioning.services.phones import new_token
from provisioning.store.database import version

MAC = MacAddress.parse("00-15-65-AA-BB-01")


def register(site, **members):
    return phones.create(site, MAC, by="tests", **{"model": "yealink-T46", **members})


def test_a_registered_phone_is_found_with_all_it_was_given(site):
    created = register(site, display_name="Caff\u00e8 1", variables={"language": "it", "x": None})

    found = phones.get(site, MAC)

    assert found == created
    assert (found.mac, found.model, found.display_name) == (MAC, "yealink-T46", "Caff\u00e8 1")
    assert found.variables == {"language": "it"}
    assert found.tok1 != found.tok2
    assert found.contact is None


def test_a_phone_is_registered_once(site):
    register(site)
    before = version()

    with pytest.raises(AlreadyExists):
        register(site)

    assert version() == before


def test_a_phone_may_have_a_model_nobody_knows(site):
    """The defaults apply meanwhile."""
    found = register(site, model="acme-Unknown")

    assert found.effective == defaults.get(site)


def test_the_nearest_scope_wins(site):
    register(site, variables={"language": "it"})
    defaults.change(site, {"language": "de", "timezone": "Asia/Tokyo", "only": "d"}, by="tests")
    models.change(site, "yealink-T46", variables={"timezone": "Europe/Rome"}, by="tests")

    applies = phones.get(site, MAC).effective

    assert (applies["language"], applies["timezone"], applies["only"]) == ("it", "Europe/Rome", "d")


def test_unset_explicitly_none_and_a_value_are_different(site):
    defaults.change(site, {"language": "de"}, by="tests")
    register(site, variables={"language": "it"})

    assert phones.change(site, MAC, variables={"language": ""}, by="t").effective["language"] == ""
    unset = phones.change(site, MAC, variables={"language": None}, by="tests")
    assert unset.effective["language"] == "de"
    assert "language" not in unset.variables


def test_what_is_not_named_stays(site):
    register(site, display_name="Desk", variables={"a": "1", "b": "2"})

    changed = phones.change(site, MAC, variables={"b": "3"}, by="tests")

    assert (changed.model, changed.display_name) == ("yealink-T46", "Desk")
    assert changed.variables == {"a": "1", "b": "3"}
    assert phones.change(site, MAC, display_name="", by="tests").display_name == ""
    assert phones.change(site, MAC, model="", by="tests").model == ""


def test_every_value_tells_where_it_comes_from_and_what_it_hides(site):
    defaults.change(site, {"language": "de"}, by="tests")
    models.change(site, "yealink-T46", variables={"language": "fr"}, by="tests")
    register(site, variables={"language": "it"})

    found = phones.effective(site, MAC)["language"]

    assert (found.value, found.origin.kind, found.origin.id) == ("it", "phone", str(MAC))
    assert [(o.kind, o.id, o.value) for o in found.shadowed] == [
        ("model", "yealink-T46", "fr"), ("defaults", "defaults", "de"),
    ]  # fmt: skip


def test_origins_and_the_merged_settings_agree(site):
    register(site, variables={"language": "it", "backlight_time": ""})

    merged = phones.get(site, MAC).effective

    assert {name: found.value for name, found in phones.effective(site, MAC).items()} == merged


@pytest.mark.parametrize(
    "value", ["", " 1 ", "NO", "${HOME}", 'a\\"\n[metadata]', "\u00e9\u4e2d", "'"]
)
def test_a_value_comes_back_as_it_was_given(site, value):
    """Tancredi's INI files turned words into others and lost backslashes."""
    register(site, variables={"label": value})

    assert phones.get(site, MAC).variables == {"label": value}


@pytest.mark.parametrize(
    "call",
    [
        lambda site: phones.get(site, MAC),
        lambda site: phones.change(site, MAC, model="", by="tests"),
        lambda site: phones.delete(MAC, by="tests"),
        lambda site: phones.rotate_tok1(MAC, by="tests"),
        lambda site: phones.effective(site, MAC),
    ],
)
def test_a_phone_that_is_not_registered_is_told(site, call):
    before = version()

    with pytest.raises(NotFound, match="00-15-65-AA-BB-01"):
        call(site)

    assert version() == before


def test_a_phone_registered_again_has_new_tokens(site):
    first = register(site)
    phones.delete(MAC, by="tests")
    second = register(site)

    assert {first.tok1, first.tok2}.isdisjoint({second.tok1, second.tok2})


def test_tokens_are_long_and_never_the_same():
    made = {new_token() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(token) for token in made} == {32}


def test_the_addresses_carry_the_tokens(site):
    found = register(site)

    assert found.provisioning_url1 == f"https://pbx.example.org/provisioning/{found.tok1}"
    assert found.provisioning_url2 == f"https://pbx.example.org/provisioning/{found.tok2}"
