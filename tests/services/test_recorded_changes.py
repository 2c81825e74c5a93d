"""Every change is written down: who, what, when, before and after."""

import io

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import accounts, defaults, files, models, phones
from provisioning.services.errors import ServiceError
from provisioning.store import history
from provisioning.store.database import version
from provisioning.store.tables import Change

MAC = MacAddress.parse("00-15-65-AA-BB-01")
T46 = "yealink-T46"
NO_FACTS = {"location": "", "tags": [], "note": "", "serial": "", "check_code": ""}


def last() -> Change:
    return Change.select().order_by(Change.id.desc()).get()


def test_a_registered_phone(site):
    phones.create(site, MAC, model=T46, display_name="D", variables={"a": "1"}, by="anna")

    change = last()
    assert (change.actor, change.kind, change.subject) == ("anna", "phone", str(MAC))
    assert (change.action, change.before) == ("create", None)
    assert change.after == {"model": T46, "display_name": "D", "variables": {"a": "1"}, **NO_FACTS}


def test_a_changed_phone(site):
    phones.create(site, MAC, variables={"a": "1"}, by="anna")

    phones.change(site, MAC, model=T46, variables={"a": None, "b": ""}, by="bruno")

    change = last()
    assert (change.actor, change.action) == ("bruno", "change")
    assert change.before == {"model": "", "display_name": "", "variables": {"a": "1"}, **NO_FACTS}
    assert change.after == {"model": T46, "display_name": "", "variables": {"b": ""}, **NO_FACTS}


def test_a_deleted_phone(site):
    phones.create(site, MAC, display_name="D", variables={"a": "1"}, by="anna")

    phones.delete(MAC, by="bruno")

    change = last()
    assert (change.action, change.after) == ("delete", None)
    assert change.before == {"model": "", "display_name": "D", "variables": {"a": "1"}, **NO_FACTS}


def test_a_rotated_token_is_told_without_the_token(site):
    phones.create(site, MAC, by="anna")

    phones.rotate_tok1(MAC, by="bruno")

    change = last()
    assert (change.kind, change.subject, change.action) == ("token", str(MAC), "rotate")
    assert (change.before, change.after) == (None, None)


def test_changed_defaults(site):
    before = {name: defaults.get(site)[name] for name in ("adminpw", "userpw")}  # first start
    defaults.change(site, {"language": "it"}, by="anna")

    change = last()
    assert (change.kind, change.subject, change.action) == ("defaults", "defaults", "change")
    assert change.before == before
    assert change.after == {**before, "language": "it"}


def test_a_model_from_its_making_to_its_end(site):
    models.create(
        site, "acme-A", display_name="A", base=T46, own_differences={"a": None}, by="anna"
    )
    assert (last().kind, last().subject, last().action) == ("model", "acme-A", "create")
    assert last().after == {"base": T46, "display_name": "A", "differences": {"a": None}}

    models.change(site, "acme-A", variables={"b": "1"}, by="anna")
    assert last().action == "change"
    assert last().after["differences"]["b"] == "1"

    models.delete(site, "acme-A", by="anna")
    assert (last().action, last().after) == ("delete", None)


def test_a_file_from_its_upload_to_its_end(site):
    files.save(site, "ringtones", "a.wav", io.BytesIO(b"x"), by="anna")
    assert (last().kind, last().subject, last().action) == ("file", "ringtones/a.wav", "create")

    files.delete(site, "ringtones", "a.wav", by="bruno")
    assert (last().actor, last().action) == ("bruno", "delete")


def test_passwords_and_tokens_are_told_without_their_secrets(site):
    accounts.set_password("anna", "secret-1", by="admin")
    assert (last().kind, last().subject, last().actor) == ("account", "anna", "admin")
    token = accounts.create_service_token("nethvoice", by="admin")
    assert (last().kind, last().subject, last().action) == ("token", "nethvoice", "create")
    accounts.revoke_service_token("nethvoice", by="admin")
    assert last().action == "delete"

    written = str([list(row) for row in Change.select().tuples()])
    assert "secret-1" not in written
    assert token not in written


@pytest.mark.parametrize(
    "call",
    [
        lambda site: phones.change(site, MAC, model="", variables={"a": "1"}, by="tests"),
        lambda site: defaults.change(site, {"language": "en"}, by="tests"),
        lambda site: models.change(site, T46, variables={"backlight_time": "0"}, by="tests"),
    ],
)
def test_what_changes_nothing_is_not_written_down(site, call):
    phones.create(site, MAC, variables={"a": "1"}, by="anna")
    count = Change.select().count()

    call(site)

    assert Change.select().count() == count


def test_what_is_refused_is_not_written_down(site):
    phones.create(site, MAC, by="anna")
    count, number = Change.select().count(), version()

    with pytest.raises(ServiceError):
        phones.create(site, MAC, by="anna")
    with pytest.raises(ServiceError):
        models.create(site, T46, display_name="", base=None, own_differences={}, by="anna")

    assert (Change.select().count(), version()) == (count, number)


def test_a_very_long_name_of_who_asked_is_cut(site):
    phones.create(site, MAC, by="x" * 500)

    assert last().actor == "x" * 128


def test_changes_are_listed_newest_first_by_kind_and_subject(site):
    for number in range(3):
        phones.create(site, MacAddress(f"00156500000{number}"), by="anna")
    defaults.change(site, {"language": "it"}, by="anna")

    count, found = history.page(kind="phone", subject=None, offset=1, limit=1)

    assert count == 3
    assert [change.subject for change in found] == ["00-15-65-00-00-01"]
    _, of_one = history.page(kind=None, subject="00-15-65-00-00-02", offset=0, limit=9)
    assert [change.action for change in of_one] == ["create"]
