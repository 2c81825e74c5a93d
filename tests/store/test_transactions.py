"""All or nothing, one writer at a time, and a number that tells of every change."""

import json
import sqlite3
import threading
from contextlib import suppress

import pytest
from peewee import IntegrityError

from provisioning.store import database as module
from provisioning.store import devices, history, phones, scopes
from provisioning.store.database import (
    configuration_change,
    database,
    snapshot,
    transaction,
    version,
)
from provisioning.store.tables import Change, Phone, Token

MAC = "00-15-65-AA-BB-01"


def seen_by_another_process(store, query: str) -> list[tuple]:
    with sqlite3.connect(store) as connection:
        return connection.execute(query).fetchall()


def test_a_change_raises_the_number_of_the_configuration_once(store):
    before = version()

    with configuration_change():
        phones.insert(MAC, model="", display_name="", variables={})
        phones.update(MAC, model="yealink-T46")

    assert version() == before + 1


def test_the_number_and_the_change_appear_together(store):
    before = version()
    with configuration_change():
        phones.insert(MAC, model="", display_name="", variables={})
        assert seen_by_another_process(store, "SELECT version FROM configuration") == [(before,)]
        assert seen_by_another_process(store, "SELECT mac FROM phone") == []

    assert seen_by_another_process(store, "SELECT version FROM configuration") == [(before + 1,)]
    assert seen_by_another_process(store, "SELECT mac FROM phone") == [(MAC,)]


def test_what_fails_in_the_middle_leaves_nothing_behind(store):
    before = version()

    with suppress(ZeroDivisionError), configuration_change():
        phones.insert(MAC, model="", display_name="", variables={})
        history.record("tests", "phone", MAC, "create")
        raise ZeroDivisionError

    assert version() == before
    assert Phone.select().count() == Change.select().count() == 0


def test_a_change_inside_a_transaction_ends_with_it(store):
    before = version()

    with suppress(ZeroDivisionError), transaction():
        with configuration_change():
            phones.insert(MAC, model="", display_name="", variables={})
        raise ZeroDivisionError

    assert version() == before
    assert phones.find(MAC) is None


def test_the_time_of_the_last_change_is_kept(store, monkeypatch):
    monkeypatch.setattr(module.time, "time", lambda: 2_000_000_000.9)
    with configuration_change():
        pass

    assert module.changed_at() == 2_000_000_000


def test_two_writers_never_lose_each_others_change(store):
    """Reading and writing back lost updates when the PBX patched phones (seen in Tancredi)."""
    phones.insert(MAC, model="", display_name="", variables={"count": "0"})

    def count_up() -> None:
        for _ in range(25):
            with configuration_change():
                variables = phones.find(MAC).variables
                phones.update(MAC, variables={"count": str(int(variables["count"]) + 1)})
        database.close()

    writers = [threading.Thread(target=count_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert phones.find(MAC).variables == {"count": "100"}


def test_a_reader_goes_on_while_another_writes(store):
    with transaction():
        phones.insert(MAC, model="", display_name="", variables={})
        assert seen_by_another_process(store, "SELECT COUNT(*) FROM phone") == [(0,)]


def test_removing_a_phone_removes_all_that_hangs_on_it(store):
    phones.insert(MAC, model="", display_name="", variables={})
    phones.add_token(MAC, "a" * 32, kind=1)
    phones.add_token(MAC, "b" * 32, kind=2)

    phones.delete(MAC)

    assert Token.select().count() == 0


def test_a_token_belongs_to_a_phone_that_exists(store):
    with pytest.raises(IntegrityError):
        phones.add_token(MAC, "a" * 32, kind=1)


def test_a_token_opens_one_phone_only(store):
    other = "00-15-65-AA-BB-02"
    for mac in (MAC, other):
        phones.insert(mac, model="", display_name="", variables={})
    phones.add_token(MAC, "a" * 32, kind=1)

    with pytest.raises(IntegrityError):
        phones.add_token(other, "a" * 32, kind=2)
    with pytest.raises(IntegrityError):
        phones.add_token(other, "c" * 32, kind=3)


def test_ending_the_first_access_writes_only_if_there_is_one(store):
    phones.insert(MAC, model="", display_name="", variables={})
    phones.add_token(MAC, "a" * 32, kind=1)
    before = version()

    devices.drop_first_access(MAC)
    assert (version(), devices.token_owner("a" * 32)) == (before + 1, None)

    devices.drop_first_access(MAC)
    assert version() == before + 1


def test_ending_the_first_access_waits_for_another_writer(store):
    """Several first-access tokens: the query that finds them must not hold an old snapshot."""
    phones.insert(MAC, model="", display_name="", variables={})
    for letter in "abc":
        phones.add_token(MAC, letter * 32, kind=1, shown=letter == "a")
    other = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE phone SET display_name = 'x'")
    done = threading.Thread(target=lambda: (devices.drop_first_access(MAC), database.close()))
    done.start()
    other.execute("COMMIT")
    done.join(10)

    assert devices.token_owner("a" * 32) is None
    other.close()


def test_what_a_device_needs_is_read_at_once(store):
    phones.insert(MAC, model="yealink-T46", display_name="Desk", variables={"a": "1"})
    phones.add_token(MAC, "t1", kind=1)
    phones.add_token(MAC, "t2", kind=2)
    phones.add_token(MAC, "older", kind=2, shown=False)
    scopes.save_model("yealink-T46", base="yealink-T46", display_name=None, differences={"b": None})
    scopes.save_defaults({"c": "3"})

    found = devices.find(MAC)

    assert (found.mac, found.model, found.display_name) == (MAC, "yealink-T46", "Desk")
    assert json.loads(found.variables) == {"a": "1"}
    assert json.loads(found.defaults_differences) == {"c": "3"}
    assert (found.model_base, json.loads(found.model_differences)) == ("yealink-T46", {"b": None})
    assert (found.tok1, found.tok2) == ("t1", "t2")
    assert devices.token_owner("older") == (MAC, 2)
    assert devices.find("00-15-65-00-00-00") is None


def test_a_snapshot_shows_one_moment_and_lets_others_write(store):
    phones.insert(MAC, model="before", display_name="", variables={})
    with snapshot():
        assert phones.find(MAC).model == "before"
        with sqlite3.connect(store, timeout=1) as other:
            other.execute("UPDATE phone SET model = 'after'")
        assert phones.find(MAC).model == "before"
    assert phones.find(MAC).model == "after"
