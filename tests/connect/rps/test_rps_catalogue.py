"""The catalogue: complete, true, and strict about settings."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rps_accounts import CLOUDS

from provisioning.connect.rps.catalogue import SettingsRefused, open_service, service_kinds
from provisioning.connect.rps.connection import check_base_url
from provisioning.engine.vendor_files import load_library

VENDORS = {"yealink", "snom", "gigaset", "fanvil", "nethesis"}
ACCOUNT = {
    "system_id": "A-1", "system_secret": "geheim", "client_id": "ck_1", "client_secret": "geheim",
    "username": "admin@example.org", "password": "geheim",
}  # fmt: skip


def account(kind: str) -> dict[str, str]:
    names = [field.name for field in service_kinds()[kind].fields]
    return {name: ACCOUNT[name] for name in names if name in ACCOUNT}


def test_every_service_is_played_by_a_peer():
    assert set(service_kinds()) == {cloud.kind for cloud in CLOUDS}


def test_every_vendor_with_a_redirect_service_has_one():
    served = {vendor for kind in service_kinds().values() for vendor in kind.vendors}
    assert served == VENDORS


def test_vendors_are_those_of_the_templates():
    templates = Path(__file__).parents[3] / "templates" / "phones"
    assert set(load_library([templates]).vendors) >= VENDORS


@pytest.mark.parametrize("kind", service_kinds())
def test_an_account_opens_with_nothing_but_its_credentials(kind):
    with open_service(kind, account(kind), 1) as service:
        assert service.name == service_kinds()[kind].name


@pytest.mark.parametrize("kind", service_kinds())
def test_what_is_offered_is_allowed(kind):
    entry = service_kinds()[kind]
    assert entry.fields[0].name == "base_url"
    assert entry.fields[0].default == entry.addresses[0]
    for address in entry.addresses:
        check_base_url(address)
        assert urlsplit(address).scheme == "https"
    for field in entry.fields:
        assert field.label.en
        assert field.label.it
        if field.default is not None:
            assert field.check(field.default) is None
            assert not field.secret
        for value in field.values or ():
            open_service(kind, {**account(kind), field.name: value}, 1).__exit__(None, None, None)


@pytest.mark.parametrize("kind", service_kinds())
def test_passwords_and_secrets_are_marked_as_such(kind):
    """NethServer hides task input by the end of its name."""
    for field in service_kinds()[kind].fields:
        assert field.secret == field.name.endswith(("_secret", "password"))


@pytest.mark.parametrize("kind", service_kinds())
def test_every_missing_field_is_named(kind):
    needed = {field.name for field in service_kinds()[kind].fields if field.default is None}
    assert needed
    with pytest.raises(SettingsRefused) as refused:
        open_service(kind, {}, 1)
    assert {error.name for error in refused.value.errors} == needed
    for name in needed:
        assert name in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("ymcs", "base_url", "http://eu-api.ymcs.yealink.com"),
        ("ymcs", "base_url", "https://user:geheim@eu-api.ymcs.yealink.com"),
        ("ymcs", "client_id", 'a"b'),
        ("ymcs", "client_id", "a\nX-Evil: 1"),
        ("sraps", "client_id", "a\\b"),
        ("sraps", "client_id", "ché"),
        ("fanvil", "username", "a:b"),
        ("fanvil", "password", "a\nb"),
        ("fanvil", "password", "x" * 256),
        ("gigaset_xml_rpc", "check_code", "perhaps"),
        ("falconieri", "yealink_provider", "../x"),
        ("ymcs", "colour", "blue"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_not_repeated(kind, field, value):
    with pytest.raises(SettingsRefused) as refused:
        open_service(kind, {**account(kind), field: value}, 1)
    [error] = refused.value.errors
    assert error.name == field
    assert error.allowed
    assert refused.value.kind == kind
    assert value not in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("password", ["pass word", "dòmani", ":\"\\'", "x"])
def test_a_password_may_have_any_printable_character(password):
    settings = {**account("fanvil"), "password": password}
    assert service_kinds()["fanvil"].complete(settings)["password"] == password


def test_an_unknown_kind_is_no_kind():
    with pytest.raises(KeyError, match="carrier_pigeon"):
        open_service("carrier_pigeon", {}, 1)
