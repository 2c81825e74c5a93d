"""Models of a site: shipped ones with changes, and the site's own."""

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import models, phones
from provisioning.services.errors import AlreadyExists, BadName, InUse, NotFound
from provisioning.store.database import version

MAC = MacAddress.parse("00-15-65-AA-BB-01")
T46 = "yealink-T46"


def create(site, model_id="yealink-T46-hotel", base=T46, **differences):
    return models.create(
        site, model_id, display_name="Hotel", base=base, own_differences=differences, by="tests"
    )


def test_shipped_models_come_first_then_the_sites_own(site):
    create(site, "acme-A", base=None)

    listed = [found.id for found in models.list_all(site)]

    assert listed == [*sorted(site.library.models), "acme-A"]


def test_a_change_of_a_shipped_model_is_kept_as_a_difference(site):
    shipped = site.library.models[T46]

    changed = models.change(site, T46, variables={"backlight_time": "30", "new": "1"}, by="tests")

    assert changed.differences == {"backlight_time": "30", "new": "1"}
    assert changed.variables == {**shipped.variables, "backlight_time": "30", "new": "1"}
    assert changed.display_name == shipped.name


def test_null_returns_to_what_is_shipped(site):
    models.change(site, T46, variables={"backlight_time": "30", "language": "it"}, by="tests")

    changed = models.change(site, T46, variables={"backlight_time": None}, by="tests")

    assert changed.differences == {"language": "it"}
    assert changed.variables["backlight_time"] == "0"


def test_a_value_equal_to_the_shipped_one_is_no_difference(site):
    changed = models.change(site, T46, variables={"backlight_time": "0"}, by="tests")

    assert changed.differences == {}


def test_explicitly_none_is_a_difference(site):
    changed = models.change(site, T46, variables={"softkey_type_1": ""}, by="tests")

    assert changed.differences == {"softkey_type_1": ""}
    assert changed.variables["softkey_type_1"] == ""


def test_a_model_descends_from_a_shipped_one(site):
    created = create(site, cap_linekey_count="1", softkey_type_1=None)
    shipped = site.library.models[T46]

    assert created.base == shipped
    assert created.shipped is None
    assert created.variables["cap_linekey_count"] == "1"
    assert "softkey_type_1" not in created.variables
    assert created.variables["softkey_type_2"] == shipped.variables["softkey_type_2"]


def test_a_model_without_a_base_presets_only_what_is_given(site):
    assert create(site, "acme-A", base=None, a="1").variables == {"a": "1"}


@pytest.mark.parametrize("model_id", ["", "a b", "a/b", "../a", "a\n", "\u00e9", "x" * 129, "a{"])
def test_a_model_id_is_plain(site, model_id):
    with pytest.raises(BadName):
        create(site, model_id)


@pytest.mark.parametrize("model_id", [T46, "defaults", str(MAC), "001565aabb01"])
def test_an_id_that_is_taken_is_refused(site, model_id):
    phones.create(site, MAC, by="tests")
    before = version()

    with pytest.raises(AlreadyExists):
        create(site, model_id)

    assert version() == before


def test_a_phone_cannot_take_the_id_of_a_model(site):
    create(site, str(MAC))

    with pytest.raises(AlreadyExists):
        phones.create(site, MAC, by="tests")


def test_an_unknown_base_is_refused(site):
    with pytest.raises(NotFound):
        create(site, base="yealink-T99")


def test_a_model_that_phones_have_stays(site):
    create(site)
    phones.create(site, MAC, model="yealink-T46-hotel", by="tests")

    with pytest.raises(InUse, match="1 phones"):
        models.delete(site, "yealink-T46-hotel", by="tests")
    assert models.get(site, "yealink-T46-hotel").phones == 1

    phones.delete(MAC, by="tests")
    models.delete(site, "yealink-T46-hotel", by="tests")
    with pytest.raises(NotFound):
        models.get(site, "yealink-T46-hotel")


def test_deleting_a_shipped_model_takes_only_the_sites_changes_back(site):
    models.change(site, T46, display_name="Mine", variables={"new": "1"}, by="tests")

    models.delete(site, T46, by="tests")

    found = models.get(site, T46)
    assert (found.display_name, found.differences) == (site.library.models[T46].name, {})


def test_the_name_may_be_changed_alone(site):
    create(site, cap_linekey_count="1")

    changed = models.change(site, "yealink-T46-hotel", display_name="Rooms", by="tests")

    assert changed.display_name == "Rooms"
    assert changed.differences == {"cap_linekey_count": "1"}
    assert changed.base.id == T46


@pytest.mark.parametrize(
    "call",
    [
        lambda site: models.get(site, "nothing"),
        lambda site: models.shipped(site, "nothing"),
        lambda site: models.change(site, "nothing", display_name="x", by="tests"),
        lambda site: models.delete(site, "nothing", by="tests"),
    ],
)
def test_an_unknown_model_is_told(site, call):
    with pytest.raises(NotFound):
        call(site)
