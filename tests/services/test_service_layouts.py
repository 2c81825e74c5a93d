"""Key layouts of a site: whose phones get them, and that they follow the staff."""

import pytest

from provisioning.engine.identification import Identification
from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.engine.values import VariablesRefused
from provisioning.services import (
    configurations,
    layouts,
    links,
    models,
    new_models,
    phones,
    users,
)
from provisioning.services.configurations import Access
from provisioning.services.errors import AlreadyExists, BadName, NotFound
from provisioning.services.layouts import Uses
from provisioning.services.phones import Facts
from provisioning.services.users import NewUser
from provisioning.store import devices, proofs
from provisioning.store.proofs import Compared

MODEL = "yealink-T46"
MAC = MacAddress.parse("00-15-65-00-00-01")
OTHER = MacAddress.parse("00-15-65-00-00-02")
BLF_ADA = {"linekey_type_5": "blf", "linekey_person_5": "ada"}


@pytest.fixture
def staff(site):
    for name, extension in (("ada", "201"), ("bob", "202"), ("cleo", "203")):
        users.create(NewUser(name, name.title(), extension, group="sales"), by="test")
    phones.create(site, MAC, model=MODEL, facts=Facts(tags=("desk",)), by="test")
    phones.create(site, OTHER, model=MODEL, by="test")
    return site


def keys(site, mac: MacAddress = MAC) -> dict[int, tuple[str, str, str]]:
    """The line keys of the file that have a function, after the two lines of the model."""
    text = configurations.preview(site, mac, None).body.decode()
    settings = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    found = {}
    for number in range(3, 28):
        members = tuple(settings[f"linekey.{number}.{m}"] for m in ("type", "value", "label"))
        if members[0] != "0":
            found[number] = members
    return found


def touched() -> set[str]:
    return {mac for mac, _ in proofs.touched_before(float("inf"), limit=100)}


def forget_touches() -> None:
    rows = proofs.touched_before(float("inf"), limit=100)
    proofs.compared([Compared(mac, at, None, None) for mac, at in rows])


@pytest.mark.parametrize(
    "uses", [Uses(models=(MODEL,)), Uses(tags=("desk",)), Uses(phones=(str(MAC),))]
)
def test_a_layout_reaches_the_phones_it_is_applied_to(staff, uses):
    layouts.create(staff, "Front", variables=BLF_ADA, uses=uses, by="test")
    assert keys(staff) == {5: ("16", "201", "Ada")}
    assert bool(keys(staff, OTHER)) == bool(uses.models)


def test_the_layout_of_a_phone_wins_over_that_of_its_tag_and_that_over_its_models(staff):
    for name, uses in (
        ("a", Uses(phones=(str(MAC),))), ("b", Uses(tags=("desk",))), ("c", Uses(models=(MODEL,))),
    ):  # fmt: skip
        variables = {f"linekey_{m}_{n}": v for n in (7, 8, 9) for m, v in
                     (("type", "speed_dial"), ("value", name), ("label", name))}  # fmt: skip
        own = {k: v for k, v in variables.items() if int(k[-1]) >= 7 + "cba".index(name)}
        layouts.create(staff, name, variables=own, uses=uses, by="test")
    assert [keys(staff)[n][1] for n in (7, 8, 9)] == ["c", "b", "a"]


def test_what_a_phone_sets_itself_wins_over_its_layouts(staff):
    layouts.create(staff, "Front", variables=BLF_ADA, uses=Uses(models=(MODEL,)), by="test")
    phones.change(staff, MAC, variables={"linekey_type_5": "dnd"}, by="test")
    assert keys(staff)[5][0] == "5"
    assert phones.effective(staff, MAC)["linekey_value_5"].origin.kind == "layout"
    phones.change(staff, MAC, variables={"linekey_type_5": None}, by="test")
    assert keys(staff) == {5: ("16", "201", "Ada")}


def test_number_and_label_follow_a_person_who_changes(staff):
    layouts.create(staff, "Front", variables=BLF_ADA, uses=Uses(models=(MODEL,)), by="test")
    users.change("ada", {"display_name": "Ada King", "extension": "299"}, by="test")
    assert keys(staff) == {5: ("16", "299", "Ada King")}


def test_a_phones_own_key_may_refer_to_a_person_too(staff):
    phones.change(staff, MAC, variables=BLF_ADA, by="test")
    users.change("ada", {"display_name": "Ada King"}, by="test")
    assert keys(staff) == {5: ("16", "201", "Ada King")}
    assert keys(staff, OTHER) == {}


@pytest.mark.parametrize("leave", [users.delete, lambda name, by: users.sync([], by=by)])
def test_the_key_of_a_person_who_is_gone_is_free_and_marked(staff, leave):
    made = layouts.create(staff, "Front", variables=BLF_ADA, uses=Uses(models=(MODEL,)), by="test")
    assert made.orphans == ()
    leave("ada", by="test")
    assert keys(staff) == {}
    assert layouts.get("Front").orphans == ("linekey_person_5",)


def test_a_run_follows_the_staff_and_leaves_out_the_phones_own_user(staff):
    fill = Fill("linekey", 3, 4, "sales", "name")
    links.link(MAC, "ada", by="test")
    made = layouts.create(
        staff, "Team", variables={}, fills=[fill], uses=Uses(models=(MODEL,)), by="test"
    )
    assert {n: key[2] for n, key in keys(staff).items()} == {3: "Bob", 4: "Cleo"}
    assert {n: key[2] for n, key in keys(staff, OTHER).items()} == {3: "Ada", 4: "Bob"}
    assert made.left_over == {0: 1}
    users.change("bob", {"group": "support"}, by="test")
    assert {n: key[2] for n, key in keys(staff).items()} == {3: "Cleo"}
    users.create(NewUser("dan", "Dan", "204", group="sales"), by="test")
    assert {n: key[2] for n, key in keys(staff).items()} == {3: "Cleo", 4: "Dan"}
    links.unlink(staff, MAC, by="test")
    assert {n: key[2] for n, key in keys(staff).items()} == {3: "Ada", 4: "Cleo"}


def test_another_person_gives_another_etag(staff):
    """Delivery answers "unchanged" by the ETag, without rendering."""
    layouts.create(staff, "Front", variables=BLF_ADA, uses=Uses(models=(MODEL,)), by="test")

    def etag() -> str:
        device = devices.find(str(MAC))
        _, rule = configurations.file_of(staff, device, None)
        access = Access("tok2", device.tok2)
        return configurations.find(staff, device, access, rule, Identification()).etag

    before = etag()
    users.change("bob", {"display_name": "Robert"}, by="test")
    assert etag() == before
    users.change("ada", {"display_name": "Ada King"}, by="test")
    assert etag() != before


def test_exactly_the_phones_of_a_layout_are_touched_when_it_changes(staff):
    layouts.create(staff, "Front", variables={}, uses=Uses(tags=("desk",)), by="test")
    forget_touches()
    layouts.change(staff, "Front", variables=BLF_ADA, by="test")
    assert touched() == {str(MAC)}
    forget_touches()
    layouts.change(staff, "Front", uses=Uses(phones=(str(OTHER),)), by="test")
    assert touched() == {str(MAC), str(OTHER)}
    forget_touches()
    layouts.delete("Front", by="test")
    assert touched() == {str(OTHER)}


def test_a_person_who_changes_touches_the_phones_with_keys_for_people(staff):
    users.create(NewUser("eve", "Eve", "209"), by="test")
    forget_touches()
    users.change("eve", {"display_name": "Eva"}, by="test")
    assert touched() == set()
    phones.change(staff, MAC, variables=BLF_ADA, by="test")
    forget_touches()
    users.change("ada", {"display_name": "Ada King"}, by="test")
    assert touched() == {str(MAC)}


def test_a_layout_sets_keys_only(staff):
    with pytest.raises(VariablesRefused, match="keys only"):
        layouts.create(staff, "Front", variables={"language": "it"}, by="test")


@pytest.mark.parametrize(
    "fills",
    [
        [Fill("softkey", 1, 2, "sales", "name")],
        [Fill("linekey", 2, 1, "sales", "name")],
        [Fill("linekey", 0, 1, "sales", "name")],
        [Fill("linekey", 1, 1000, "sales", "name")],
        [Fill("linekey", 1, 2, "", "name")],
        [Fill("linekey", 1, 2, "sales", "age")],
        [Fill("linekey", 1, 4, "sales", "name"), Fill("linekey", 4, 5, "support", "name")],
    ],
)
def test_a_run_that_makes_no_sense_is_refused(staff, fills):
    with pytest.raises(BadName, match="runs do not overlap"):
        layouts.create(staff, "Front", variables={}, fills=fills, by="test")


def test_a_layout_is_applied_to_what_there_is(staff):
    with pytest.raises(NotFound, match="acme-X"):
        layouts.create(staff, "Front", variables={}, uses=Uses(models=("acme-X",)), by="test")
    uses = layouts.uses_of((), (), ["0015.6500.0009"])
    with pytest.raises(NotFound, match="00-15-65-00-00-09"):
        layouts.create(staff, "Front", variables={}, uses=uses, by="test")
    with pytest.raises(NotFound):
        layouts.get("Front")


def test_names_of_layouts_are_unique(staff):
    layouts.create(staff, "Front", variables={}, by="test")
    with pytest.raises(AlreadyExists):
        layouts.create(staff, "Front", variables={}, by="test")
    with pytest.raises(BadName):
        layouts.create(staff, "a/b", variables={}, by="test")


def test_what_is_applied_to_a_phone_goes_with_the_phone(staff):
    layouts.create(staff, "Front", variables=BLF_ADA, uses=Uses(phones=(str(MAC),)), by="test")
    phones.delete(MAC, by="test")
    phones.create(staff, MAC, model=MODEL, by="test")
    assert layouts.get("Front").uses == Uses()
    assert keys(staff) == {}


def test_layouts_move_along_when_a_release_takes_a_model_over(staff):
    models.create(
        staff, "yealink-T46X", display_name="T46X", base=MODEL, own_differences={}, by="test"
    )
    new_models.recognise(
        staff, "yealink-T46X", mac_prefixes=[], user_agents=["SIP-T48S"], by="test"
    )
    layouts.create(staff, "Front", variables={}, uses=Uses(models=("yealink-T46X",)), by="test")
    new_models.merge(staff, "yealink-T46X", keep=[], by="test")
    assert layouts.get("Front").uses == Uses(models=("yealink-T48",))
