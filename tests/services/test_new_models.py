"""Models that a site makes before a release knows them."""

import json
import shutil

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import models, new_models, phones
from provisioning.services import site as site_module
from provisioning.services.errors import BadName, NotFound
from provisioning.services.new_models import Suggestion
from provisioning.services.site import Site, shipped_data
from provisioning.store import history

T99 = "yealink-T99"
SHIPPED_T99 = (
    "models:\n  yealink-T99: {name: Yealink T99W, family: colour, hardware: [T99W],"
    " user_agents: [SIP-T99W], variables: {cap_linekey_count: 40, brightness: 4}}\n"
)


@pytest.fixture
def t99(site):
    """The site's own T99, from the nearest model."""
    models.create(
        site,
        T99,
        display_name="Our T99",
        base="yealink-T46",
        own_differences={"cap_linekey_count": "36", "brightness": "2"},
        by="tests",
    )
    return recognised(site, T99)


def recognised(site, model_id, prefixes=("02:AA:BB",), names=("SIP-T99W",)):
    return new_models.recognise(
        site, model_id, mac_prefixes=prefixes, user_agents=names, by="tests"
    )


@pytest.fixture
def released(site, tmp_path, monkeypatch):
    """The same site after an update: a release ships the T99."""

    def update(text=SHIPPED_T99):
        shipped = tmp_path / "release"
        shutil.copytree(shipped_data(), shipped)
        vendor = shipped / "phones" / "yealink" / "vendor.yaml"
        vendor.write_text(vendor.read_text().replace("models:\n", text, 1))
        monkeypatch.setattr(site_module, "shipped_data", lambda: shipped)
        return Site(site.state, site.public_url)

    return update


def address(text):
    return MacAddress.parse(text)


@pytest.mark.parametrize(
    ("user_agent", "mac", "vendor", "model"),
    [
        ("Yealink SIP-T99W 185.86.0.5 02:aa:bb:00:00:01", None, "yealink", T99),
        ("yealink sip-t99w 185.86.0.5", None, "yealink", T99),
        ("", "02:AA:BB:00:00:01", "yealink", T99),
        ("Yealink SIP-T46S 66.86.0.15", None, "yealink", "yealink-T46"),
        ("Yealink SIP-T46S 66.86.0.15", "02:AA:BB:00:00:01", "yealink", "yealink-T46"),
        ("Yealink SIP-T98 66.86.0.15", None, "yealink", ""),
        ("Fanvil X4 2.4.1 02aabb000001", "02:AA:BB:00:00:01", "fanvil", "fanvil-X4"),
        ("Snom M700 3.23.4 00087B010203", "02:AA:BB:00:00:01", "snom", ""),
        ("", "00:15:65:00:00:01", "yealink", ""),
        ("curl/8.0", "00:15:65:00:00:01", "yealink", ""),
        ("", "0A:00:00:00:00:01", "", ""),
        ("", None, "", ""),
    ],
)
def test_a_device_is_suggested_a_model(site, t99, user_agent, mac, vendor, model):
    found = new_models.suggest(site, mac and address(mac), user_agent)
    assert found == Suggestion(vendor, model)


@pytest.mark.parametrize(
    ("octet", "model"),
    [
        ("00", "nethesis-NPX3"),
        ("01", "nethesis-NPX5"),
        ("02", "nethesis-NPX210"),
        ("03", "nethesis-NPV61"),
        ("04", "nethesis-NPX5"),
        ("05", ""),
    ],
)
def test_the_fourth_octet_of_a_nethphone_tells_the_model(site, octet, model):
    found = new_models.suggest(site, address(f"E0:E6:56:{octet}:12:34"), "")
    assert found == Suggestion("nethesis", model)


def test_what_a_device_says_counts_more_than_its_address(site):
    mac = address("E0:E6:56:00:12:34")
    found = new_models.suggest(site, mac, "Nethesis NP-X210 2.12.15 e0e656001234")
    assert found == Suggestion("nethesis", "nethesis-NPX210")


def test_the_longest_prefix_wins(site, t99):
    models.create(site, "yealink-T98", display_name="", base=None, own_differences={}, by="tests")
    recognised(site, "yealink-T98", ["02AABB01"], [])
    suggested = new_models.suggest(site, address("02:AA:BB:01:00:00"), "")
    assert suggested == Suggestion("yealink", "yealink-T98")
    assert new_models.suggest(site, address("02:AA:BB:02:00:00"), "").model == T99


def test_a_model_whose_id_names_no_vendor_is_of_its_base(site):
    differences = {"brightness": "2"}
    models.create(
        site, "reception", display_name="", base="snom-D785", own_differences=differences, by="t"
    )
    recognised(site, "reception", [], ["D799"])
    found = new_models.suggest(site, None, "snomD799-SIP 10.1.33.33")
    assert found == Suggestion("snom", "reception")


def test_a_variant_of_a_known_model_is_not_suggested(site):
    """Its devices write the same user agent: nothing tells it from the model."""
    models.create(
        site, "yealink-T46-hall", display_name="", base="yealink-T46", own_differences={}, by="t"
    )
    user_agent = "Yealink SIP-T46S 66.86.0.15"
    assert new_models.suggest(site, None, user_agent).model == "yealink-T46"
    recognised(site, "yealink-T46-hall", [], ["SIP-T46S"])
    assert new_models.suggest(site, None, user_agent).model == "yealink-T46"


def test_prefixes_are_kept_as_people_read_them(site, t99):
    found = recognised(site, T99, ["02aabb", "80-5e-0c-1", "02AABBCCDDEE"], [" SIP-T99W "])
    assert found.mac_prefixes == ("02:AA:BB", "80:5E:0C:1", "02:AA:BB:CC:DD:EE")
    assert found.user_agents == ("SIP-T99W",)


@pytest.mark.parametrize(
    ("prefixes", "names"),
    [
        (["02:AA"], []),
        (["02:AA:BB:CC:DD:EE:FF"], []),
        (["xyz"], []),
        ([""], []),
        (["02:AA:BB"] * 21, []),
        ([], [" "]),
        ([], ["x" * 65]),
        ([], ["x"] * 21),
    ],
)
def test_what_recognises_nothing_is_refused(site, t99, prefixes, names):
    with pytest.raises(BadName):
        recognised(site, T99, prefixes, names)
    assert models.get(site, T99) == t99


def test_a_shipped_model_knows_its_devices_itself(site):
    for model_id in ("yealink-T46", "yealink-T999"):
        with pytest.raises(NotFound):
            recognised(site, model_id)
    models.change(site, "yealink-T46", variables={"brightness": "2"}, by="tests")
    with pytest.raises(NotFound):
        recognised(site, "yealink-T46")


def test_the_history_tells_how_recognition_changed(site, t99):
    recognised(site, T99)  # as it is
    _, [last, *_] = history.page(kind="model", subject=T99, offset=0, limit=10)
    assert last.action == "recognise"
    assert last.before == {"mac_prefixes": [], "user_agents": list(t99.base.user_agents)}
    assert last.after == {"mac_prefixes": ["02:AA:BB"], "user_agents": ["SIP-T99W"]}


def test_a_model_is_test_rendered_with_a_phone_of_its_prefix(site, t99):
    found = new_models.preview(site, T99, None, {"linekey_type_36": "blf"})
    body = found.body.decode()
    assert found.file_name == "02aabb000001.cfg"
    assert "linekey.36.type = 16" in body
    assert "linekey.37." not in body
    assert "account.1.user_name = 201" in body
    assert "sample-password" not in body


def test_every_shipped_model_can_be_test_rendered(site):
    for model_id in site.library.models:
        found = new_models.preview(site, model_id, None, {})
        assert found.body, model_id
        mac = site.library.route(found.file_name).mac
        assert site.library.vendor_of(mac).id == model_id.partition("-")[0]


def test_a_test_rendering_registers_nothing(site, t99):
    new_models.preview(site, T99, None, {})
    assert list(phones.list_all()) == []


def test_nothing_is_offered_before_a_release_ships_the_model(site, t99):
    assert new_models.successor(site, t99) is None
    assert new_models.merge_offer(site, T99) is None
    with pytest.raises(NotFound):
        new_models.merge(site, T99, keep=[], by="tests")


def test_an_offer_tells_each_difference(released, t99):
    updated = released()
    offer = new_models.merge_offer(updated, T99)
    assert (offer.model, offer.shipped) == (T99, T99)
    assert offer.differences == {"brightness": ("2", "4"), "cap_linekey_count": ("36", "40")}


def test_until_it_is_merged_the_sites_model_applies(released, t99):
    updated = released()
    assert models.get(updated, T99).variables["cap_linekey_count"] == "36"
    assert models.get(updated, T99).display_name == "Our T99"


def test_merging_keeps_what_was_chosen_and_takes_the_rest_as_shipped(released, t99):
    updated = released()
    merged = new_models.merge(updated, T99, keep=["brightness"], by="tests")
    assert merged.differences == {"brightness": "2"}
    assert merged.variables["cap_linekey_count"] == "40"
    assert merged.display_name == "Yealink T99W"
    assert not merged.is_own
    assert new_models.merge_offer(updated, T99) is None


def test_a_prefix_that_the_release_does_not_know_still_tells_the_model(released, t99):
    updated = released()
    new_models.merge(updated, T99, keep=[], by="tests")
    found = new_models.suggest(updated, address("02:AA:BB:00:00:01"), "")
    assert found == Suggestion("yealink", T99)
    assert models.get(updated, T99).user_agents == ("SIP-T99W",)


def test_a_model_shipped_under_another_id_takes_the_phones_along(released, t99):
    updated = released(SHIPPED_T99.replace(T99, "yealink-T99W"))
    phones.create(updated, address("02:AA:BB:00:00:01"), model=T99, by="tests")
    models.change(
        updated, "yealink-T99W", display_name="Hall", variables={"contrast": "3"}, by="tests"
    )
    offer = new_models.merge_offer(updated, T99)
    assert offer.shipped == "yealink-T99W"
    merged = new_models.merge(updated, T99, keep=["brightness"], by="tests")
    assert merged.id == "yealink-T99W"
    assert merged.differences == {"contrast": "3", "brightness": "2"}
    assert merged.display_name == "Hall"
    assert phones.get(updated, address("02:AA:BB:00:00:01")).model == "yealink-T99W"
    with pytest.raises(NotFound):
        models.get(updated, T99)


def test_only_differences_can_be_kept(released, t99):
    updated = released()
    with pytest.raises(BadName, match="brightness"):
        new_models.merge(updated, T99, keep=["language"], by="tests")
    assert models.get(updated, T99).is_own


def test_the_history_keeps_what_was_merged_away(released, t99):
    updated = released()
    new_models.merge(updated, T99, keep=["brightness"], by="tests")
    _, [last, *_] = history.page(kind="model", subject=T99, offset=0, limit=10)
    assert last.action == "merge"
    assert last.before["differences"] == {"cap_linekey_count": "36", "brightness": "2"}
    assert json.loads(json.dumps(last.after)) == {
        "model": T99, "differences": {"brightness": "2"},
    }  # fmt: skip


def test_a_variant_waits_for_no_release(site):
    variant = models.create(
        site, "yealink-T46-hall", display_name="", base="yealink-T46", own_differences={}, by="t"
    )
    assert new_models.successor(site, variant) is None
