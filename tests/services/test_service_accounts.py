"""Accounts, sessions, tokens of programs: secrets are kept as hashes only."""

import time

import pytest

from provisioning.services import accounts
from provisioning.services.errors import AlreadyExists, BadName, NotFound, SignInRefused
from provisioning.store.database import database
from provisioning.store.tables import Account, Credential


def test_the_first_account_is_made_once(site):
    assert accounts.ensure_first_account(None) is None
    assert accounts.sign_in("admin", "first-password")

    Account.delete().execute()
    made_up = accounts.ensure_first_account(None)
    assert len(made_up) >= 16
    assert accounts.sign_in("admin", made_up)
    assert accounts.ensure_first_account("other") is None


@pytest.mark.parametrize(
    ("name", "tried"),
    [("admin", "wrong"), ("admin", ""), ("nobody", "first-password"), ("", ""), ("ADMIN", "x")],
)
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(site, name, tried):
    with pytest.raises(SignInRefused, match=r"^Name or password is wrong\.$"):
        accounts.sign_in(name, tried)


def test_a_session_ends_by_itself(site, monkeypatch):
    secret = accounts.sign_in("admin", "first-password")
    assert accounts.holder(secret).name == "admin"

    later = time.time() + accounts.SESSION_SECONDS + 1
    monkeypatch.setattr("provisioning.store.accounts.time.time", lambda: later)

    assert accounts.holder(secret) is None


def test_expired_sessions_are_forgotten(site, monkeypatch):
    accounts.sign_in("admin", "first-password")
    later = time.time() + accounts.SESSION_SECONDS + 1
    monkeypatch.setattr("provisioning.store.accounts.time.time", lambda: later)

    accounts.create_service_token("nethvoice", by="tests")

    assert [row.kind for row in Credential.select()] == ["service"]


def test_signing_out_ends_one_session(site):
    first, second = (accounts.sign_in("admin", "first-password") for _ in range(2))

    accounts.sign_out(first)

    assert accounts.holder(first) is None
    assert accounts.holder(second)


def test_a_new_password_ends_all_sessions(site):
    session = accounts.sign_in("admin", "first-password")
    token = accounts.create_service_token("nethvoice", by="tests")

    accounts.set_password("admin", "second", by="tests")

    assert accounts.holder(session) is None
    assert accounts.holder(token)
    assert accounts.sign_in("admin", "second")
    with pytest.raises(SignInRefused):
        accounts.sign_in("admin", "first-password")


def test_a_service_token_lives_until_it_is_revoked(site):
    token = accounts.create_service_token("nethvoice", by="tests")
    assert (accounts.holder(token).kind, accounts.holder(token).name) == ("service", "nethvoice")
    assert [found.name for found in accounts.service_tokens()] == ["nethvoice"]

    accounts.revoke_service_token("nethvoice", by="tests")

    assert accounts.holder(token) is None
    with pytest.raises(NotFound):
        accounts.revoke_service_token("nethvoice", by="tests")


def test_the_name_of_a_token_is_taken_once_and_plain(site):
    accounts.create_service_token("nethvoice", by="tests")

    with pytest.raises(AlreadyExists):
        accounts.create_service_token("nethvoice", by="tests")
    for name in ("", "a b", "x" * 65, "a\n", "\u00e9"):
        with pytest.raises(BadName):
            accounts.create_service_token(name, by="tests")


def test_an_account_of_the_name_of_a_token_keeps_its_sessions(site):
    session = accounts.sign_in("admin", "first-password")
    accounts.create_service_token("admin", by="tests")

    accounts.revoke_service_token("admin", by="tests")

    assert accounts.holder(session)


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "a" * 10_000])
def test_a_secret_nobody_has_opens_nothing(site, secret):
    assert accounts.holder(secret) is None


def test_no_secret_stands_in_the_database(site):
    """Neither in the tables nor in what the file holds besides them."""
    secrets = [
        accounts.sign_in("admin", "first-password"),
        accounts.create_service_token("nethvoice", by="tests"),
        "first-password",
    ]
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (site.state / "provisioning.sqlite").read_bytes()

    assert b"nethvoice" in content
    for secret in secrets:
        assert secret.encode() not in content
