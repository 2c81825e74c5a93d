"""Keys from a table, for phones, layouts and models; with one error nothing is done."""

import pytest
from importing import MAC, OTHER, actions, add_people, places, recorded, register, table

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import layouts, models, phones, users
from provisioning.services.imports.keys import import_keys
from provisioning.services.layouts import Uses
from provisioning.store.database import version
from provisioning.store.tables import Change, Layout, Phone, SiteModel

T46 = "yealink-T46"
HEADER = "mac,layout,model,kind,position,type,value,label,person"


@pytest.fixture
def people(site):
    add_people()


@pytest.fixture
def phone(site):
    return register(
        site,
        variables={
            "language": "it",
            "linekey_type_3": "blf",
            "linekey_value_3": "201",
            "linekey_label_3": "Ada",
        },
    )


@pytest.fixture
def desk(site):
    layouts.create(
        site,
        "Desk",
        variables={"linekey_type_1": "dnd"},
        fills=[Fill("linekey", 4, 6, "Sales", "name")],
        uses=Uses(models=(T46,)),
        by="test",
    )


def imported(site, *lines: str, **options):
    return import_keys(site, table(*lines), by="anna", **options)


def own(mac: str = MAC) -> dict[str, str]:
    return Phone.get(Phone.mac == mac).variables


def applies(site, name: str) -> str:
    return phones.effective(site, MacAddress.parse(MAC))[name].value


def everything() -> list:
    tables = (Phone, Layout, SiteModel, Change)
    return [list(rows.select().tuples()) for rows in tables] + [version()]


def test_a_row_replaces_the_key_of_a_phone(site, phone):
    plan = imported(site, HEADER, f"{MAC},,,linekey,3,speed_dial,0721,,")

    [row] = plan.rows
    assert (row.action, row.subject) == ("update", f"{MAC} linekey 3")
    assert row.changes == ("type", "value", "label")
    assert own() == {
        "language": "it",
        "linekey_type_3": "speed_dial",
        "linekey_value_3": "0721",
        "linekey_label_3": "",
    }
    assert [entry[:2] for entry in recorded("phone")] == [(MAC, "create"), (MAC, "change")]


def test_a_key_that_the_phone_inherits_becomes_its_own(site, phone, desk):
    plan = imported(site, HEADER, "00:15:65:aa:bb:01,,,Linekey,1,blf,202,Bob,")
    assert actions(plan) == ["create"]
    assert (applies(site, "linekey_type_1"), applies(site, "linekey_value_1")) == ("blf", "202")


def test_a_hyphen_as_type_gives_the_whole_key_back(site, phone):
    imported(site, "mac,kind,position,type", f"{MAC},linekey,3,-")
    assert own() == {"language": "it"}


def test_an_empty_type_is_explicitly_no_function(site, phone, desk):
    imported(site, "mac,kind,position,type", f"{MAC},linekey,1,")
    assert own()["linekey_type_1"] == ""
    assert applies(site, "linekey_type_1") == ""


def test_what_a_key_is_made_of_can_be_inherited_one_by_one(site, phone):
    imported(site, HEADER, f"{MAC},,,linekey,3,(inherit),-,Mine,", f"{MAC},,,linekey,4,dnd,-,'-,")
    assert own() == {
        "language": "it", "linekey_label_3": "Mine",
        "linekey_type_4": "dnd", "linekey_label_4": "-",
    }  # fmt: skip


def test_number_and_label_follow_the_person_of_a_key(site, phone, people):
    imported(site, HEADER, f"{MAC},,,linekey,7,blf,,,bob")
    assert own()["linekey_person_7"] == "bob"
    assert (applies(site, "linekey_value_7"), applies(site, "linekey_label_7")) == ("202", "Bob")


def test_keys_of_a_layout_are_replaced_and_its_uses_and_runs_stay(site, desk, people):
    before = layouts.get("Desk")

    plan = imported(site, HEADER, ",Desk,,linekey,1,-,,,", ",Desk,,linekey,2,blf,,,ada")

    assert [row.subject for row in plan.rows] == ["layout Desk linekey 1", "layout Desk linekey 2"]
    after = layouts.get("Desk")
    assert after.variables == {
        "linekey_type_2": "blf", "linekey_value_2": "", "linekey_label_2": "",
        "linekey_person_2": "ada",
    }  # fmt: skip
    assert (after.fills, after.uses) == (before.fills, before.uses)
    assert [entry[:2] for entry in recorded("layout")] == [("Desk", "create"), ("Desk", "change")]


def test_keys_of_a_model_are_what_the_site_changes_in_it(site):
    imported(site, HEADER, f",,{T46},linekey,5,dnd,,,")
    assert models.get(site, T46).differences == {
        "linekey_type_5": "dnd", "linekey_value_5": "", "linekey_label_5": "",
    }  # fmt: skip
    imported(site, "model,kind,position,type", f"{T46},linekey,5,-")
    assert models.get(site, T46).differences == {}


def test_a_key_as_the_models_base_has_it_is_unchanged(site):
    assert models.get(site, T46).variables["linekey_type_1"] == "line"
    taken_away = {"linekey_type_2": None, "linekey_value_2": None, "linekey_label_2": None}
    models.create(site, "acme-A", display_name="", base=T46, own_differences=taken_away, by="x")
    plan = imported(
        site,
        HEADER,
        f",,{T46},linekey,1,line,,,",
        ",,acme-A,linekey,1,-,,,",
        ",,acme-A,linekey,2,-,,,",
    )
    assert actions(plan) == ["unchanged"] * 3


def test_the_same_table_twice_changes_nothing_the_second_time(site, phone, desk, people):
    lines = (
        HEADER,
        f"{MAC},,,linekey,3,blf,,,bob",
        f"{MAC},,,expkey,1,,,,",
        ",Desk,,softkey,1,dnd,,,",
        f",,{T46},linekey,5,line,,,",
    )
    assert imported(site, *lines).applied
    before = everything()

    plan = imported(site, *lines)

    assert actions(plan) == ["unchanged"] * 4
    assert everything() == before


def test_all_keys_of_a_scope_are_one_change(site, phone, desk):
    rows = [f"{MAC},,,linekey,{number},dnd,,," for number in range(1, 28)]
    rows += [f",Desk,,linekey,{number},dnd,,," for number in range(1, 28)]
    imported(site, HEADER, *rows)
    assert len(recorded("phone")) == 2
    assert len(recorded("layout")) == 2


BAD_ROWS = [
    ("no scope", ",,,linekey,1,dnd,,,", ""),
    ("two scopes", f"{MAC},Desk,,linekey,1,dnd,,,", "layout"),
    ("an address that is none", "x,,,linekey,1,dnd,,,", "mac"),
    ("a phone that nobody registered", f"{OTHER},,,linekey,1,dnd,,,", "mac"),
    ("a layout that nobody made", ",Desks,,linekey,1,dnd,,,", "layout"),
    ("a model that nobody knows", ",,yealink-T64,linekey,1,dnd,,,", "model"),
    ("a kind that is none", f"{MAC},,,line key,1,dnd,,,", "kind"),
    ("no kind", f"{MAC},,,,1,dnd,,,", "kind"),
    ("a position that is none", f"{MAC},,,linekey,0,dnd,,,", "position"),
    ("no position", f"{MAC},,,linekey,,dnd,,,", "position"),
    ("a type that is none", f"{MAC},,,linekey,1,dmd,,,", "type"),
    ("a type of another kind of key", f"{MAC},,,softkey,1,blf,202,,", "type"),
    ("a person that nobody knows", f"{MAC},,,linekey,1,blf,,,nobody", "person"),
    ("a value for a key that is given back", f"{MAC},,,linekey,1,-,202,,", "value"),
    ("a label of two lines", f'{MAC},,,linekey,1,dnd,,"a\nb",', "label"),
    ("a formula", f"{MAC},,,linekey,1,dnd,,=1,", "label"),
    ("the same key again", f"{MAC},,,linekey,3,dnd,,,", "position"),
]


@pytest.mark.parametrize(
    ("row", "column"), [case[1:] for case in BAD_ROWS], ids=[case[0] for case in BAD_ROWS]
)
def test_one_wrong_row_is_told_with_its_place_and_nothing_is_imported(
    site, phone, desk, people, row, column
):
    before = everything()
    plan = imported(site, HEADER, f"{MAC},,,linekey,3,line,,,", row, ",Desk,,linekey,9,dnd,,,")
    assert places(plan) == [(3, column)]
    assert plan.errors[0].detail.endswith(".")
    assert plan.errors[0].allowed
    assert actions(plan) == ["update", "error", "create"]
    assert everything() == before


def test_a_wrong_scope_is_told_with_the_right_one(site, desk):
    plan = imported(site, HEADER, ",desks,,linekey,1,dnd,,,", ",,yealink-t46s,linekey,1,dnd,,,")
    assert [error.allowed.split(" or ")[0] for error in plan.errors] == ["Desk", T46]


def test_a_table_without_a_column_for_the_scope_is_refused_once(site):
    plan = imported(site, "kind,position,type", "linekey,1,dnd", "linekey,2,dnd")
    assert [error.detail for error in plan.errors] == ["No column tells whose the keys are."]


def test_create_only_refuses_keys_that_are_set(site, phone):
    plan = imported(
        site, HEADER, f"{MAC},,,linekey,1,dnd,,,", f"{MAC},,,linekey,3,dnd,,,", create_only=True
    )
    assert places(plan) == [(3, "position")]
    assert "linekey_type_1" not in own()


def test_a_dry_run_changes_nothing(site, phone, desk):
    before = everything()
    plan = imported(site, HEADER, f"{MAC},,,linekey,3,dnd,,,", dry_run=True)
    assert (plan.applied, actions(plan)) == (False, ["update"])
    assert everything() == before


def test_what_stands_there_already_is_never_wrong(site, people):
    """A person who is gone, a type from before a rule was made."""
    register(site, variables={"linekey_type_1": "from_before", "linekey_person_1": "bob"})
    users.delete("bob", by="test")
    plan = imported(site, HEADER, f"{MAC},,,linekey,1,from_before,-,-,bob")
    assert actions(plan) == ["unchanged"]
