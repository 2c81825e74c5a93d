"""Tables of gateways and their ports."""

import csv
import io

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import exports, users
from provisioning.services.gateways import states
from provisioning.services.imports.gateways import import_gateways
from provisioning.services.users import NewUser
from provisioning.store import gateways as stored
from provisioning.store import history

GXW = "C0-74-AD-00-00-48"
LINES = "00-A0-BA-11-A2-B3"
HEAD = "mac,name,model,ip,mask,gateway,dns"
OWN = f"{GXW},Cellar,gxw4248,192.168.5.48,/24,192.168.5.1,192.168.5.1"


def imported(site, text, **options):
    return import_gateways(site, text.encode(), by="tests", **options)


def port(mac, number):
    return states.get(MacAddress.parse(mac)).state.port(number)


def told(plan):
    return [(error.row, error.column, error.detail) for error in plan.errors]


@pytest.fixture
def people(site):
    for n in range(1, 49):
        users.create(NewUser(f"user{n}", f"User {n}", str(200 + n)), by="tests")
    return site


def paste(values):
    """What a spreadsheet puts on the clipboard: separated by tabs."""
    return "mac\tport\tvalue\n" + "\n".join(f"{GXW}\t{n}\t{v}" for n, v in enumerate(values, 1))


def test_forty_eight_telephones_are_pasted_at_once(people):
    imported(people, f"{HEAD}\n{OWN}")
    values = [f"user{n}" if n % 2 else str(200 + n) for n in range(1, 49)]
    plan = imported(people, paste(values))

    assert plan.errors == ()
    assert plan.counts == {"create": 48, "update": 0, "unchanged": 0, "error": 0}
    assert [port(GXW, n).user for n in range(1, 49)] == [f"user{n}" for n in range(1, 49)]
    assert [port(GXW, n).extension for n in range(1, 49)] == [str(200 + n) for n in range(1, 49)]


@pytest.mark.parametrize(
    ("word", "model"),
    [
        ("gxw4232", "grandstream-gxw4232"),
        ("GXW4232", "grandstream-gxw4232"),
        ("tri_fxo_8", "patton-trinity-fxo-8"),
        ("patton-trinity-fxo-8", "patton-trinity-fxo-8"),
    ],
)
def test_a_model_is_told_by_its_name_or_by_its_key_in_nethvoice(site, word, model):
    """Three texts of NethVoice's catalogue wrongly say GXW4216; only the key tells the model."""
    plan = imported(site, f"{HEAD}\n{GXW},Cellar,{word},192.168.5.48,/24,192.168.5.1,192.168.5.1")
    assert plan.errors == ()
    assert states.get(MacAddress.parse(GXW)).state.model == model


def test_a_dry_run_tells_the_same_and_leaves_no_trace(people):
    table = f"{HEAD},port,value\n{OWN},1,user1"
    planned = imported(people, table, dry_run=True)
    assert stored.everyone() == []
    before = history.last()
    done = imported(people, table)

    assert not planned.applied
    assert (planned.rows, planned.errors) == (done.rows, done.errors)
    assert done.applied
    assert history.last() > before


def test_twice_is_as_good_as_once(people):
    table = f"{HEAD},port,value\n{OWN},1,user1\n{GXW},,,,,,,2,350"
    imported(people, table)
    secrets = [port(GXW, n).secret for n in (1, 2)]
    again = imported(people, table)

    assert not again.applied
    assert again.counts["unchanged"] == 2
    assert [port(GXW, n).secret for n in (1, 2)] == secrets


def test_what_is_exported_changes_nothing_when_it_is_imported(people):
    imported(people, f"{HEAD},port,value\n{OWN},1,user1\n{GXW},,,,,,,2,350")
    imported(people, f"{HEAD},port,value\n{LINES},Lines,TRI_BRI_4,10.0.0.9,/24,10.0.0.1,,,")
    imported(
        people,
        f"{HEAD},port,value\n{LINES},Lines,TRI_ISDN_4,10.0.0.9,/24,10.0.0.1,10.0.0.1,1,pp",
    )
    table = exports.gateways(people)
    plan = import_gateways(people, table, by="tests")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))

    assert (plan.errors, plan.applied) == ((), False)
    assert [(row["mac"], row["port"], row["value"]) for row in rows] == [
        (GXW, "1", "user1"), (GXW, "2", "350"), (LINES, "1", "pp"),
    ]  # fmt: skip
    assert port(GXW, 1).secret not in table.decode()


def test_a_port_is_freed_and_others_stay(people):
    imported(people, f"{HEAD},port,value\n{OWN},1,user1\n{GXW},,,,,,,2,350")
    plan = imported(people, f"mac,port,value\n{GXW},1,-")

    assert [row.changes for row in plan.rows] == [("port",)]
    assert port(GXW, 1) is None
    assert port(GXW, 2).extension == "350"


def test_every_mistake_is_told_with_its_row_and_column_and_nothing_is_written(people):
    table = f"""{HEAD},port,kind,value
{OWN},1,fxo,user1
{GXW},,,,,,,1,,user2
{GXW},,,,,,,49,,user3
{GXW},,,,,,,3,,201
{GXW},,,,,,,4,,12 34
nonsense,,,,,,,1,,
{LINES},,,,,,,1,,0721
00-A0-BA-11-A2-B4,Two,gxw4242,10.0.0.9,/24,10.0.0.1,,,,"""
    plan = imported(people, table)

    assert [(row, column) for row, column, _ in told(plan)] == [
        (2, "kind"), (3, "port"), (4, "port"), (7, "mac"), (8, "name"), (8, "model"), (8, "ip"),
        (8, "mask"), (8, "gateway"), (9, "model"),
    ]  # fmt: skip
    assert "grandstream-gxw4248" in plan.errors[-1].allowed
    assert stored.everyone() == []


def test_what_the_whole_is_refused_for_is_told_at_the_row_it_comes_from(people):
    table = f"""{HEAD},port,value
{OWN.replace("192.168.5.1,", "10.9.9.9,", 1)},1,user1
{GXW},,,,,,,2,12 34
{GXW},,,,,,,3,nobody"""
    plan = imported(people, table)

    assert {(row, column) for row, column, _ in told(plan)} == {
        (2, "gateway"), (3, "value"), (4, "value"),
    }  # fmt: skip


def test_two_gateways_of_one_table_cannot_have_one_address(people):
    table = f"{HEAD}\n{OWN}\n{OWN.replace(GXW, 'C0-74-AD-00-00-49').replace('Cellar', 'Two')}"
    plan = imported(people, table)

    assert [(row, column) for row, column, _ in told(plan)] == [(3, "ip")]
    assert stored.everyone() == []


def test_only_new_ones_can_be_asked_for(people):
    imported(people, f"{HEAD},port,value\n{OWN},1,user1")
    plan = imported(people, f"mac,port,value\n{GXW},1,user2\n{GXW},2,user3", create_only=True)

    assert [(row, column) for row, column, _ in told(plan)] == [(2, "port")]
    assert port(GXW, 2) is None
