"""The variables that must be known before the database opens."""

import os
from pathlib import Path

import pytest

from provisioning.settings import Settings, SettingsError


def read(**variables: str) -> Settings:
    return Settings.from_environment({f"PROVISIONING_{n}": v for n, v in variables.items()})


def test_everything_has_a_default():
    settings = read()

    assert settings.state == Path("var").resolve()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.public_url.scheme, settings.public_url.netloc) == ("http", "127.0.0.1:8080")
    assert settings.admin_password is None
    assert settings.tancredi_api == "token"
    assert [str(n) for n in settings.trusted_networks] == ["127.0.0.0/8", "::1/128"]
    assert settings.trusted_proxies == ()
    assert "192.168.0.0/16" in [str(n) for n in settings.tokenless_networks]
    assert settings.workers == os.cpu_count()


def test_an_empty_variable_is_one_that_is_not_set():
    """As a container's environment file writes it."""
    empty = dict.fromkeys(("STATE", "LISTEN", "PUBLIC_URL", "TANCREDI_API", "WORKERS"), " ")

    assert read(**empty) == read()


def test_no_network_at_all_can_be_said():
    assert read(TOKENLESS_NETWORKS="").tokenless_networks == ()
    assert read(TRUSTED_NETWORKS="").trusted_networks == ()


def test_every_variable_is_used():
    settings = read(
        STATE="/srv/state",
        LISTEN="0.0.0.0:80",
        PUBLIC_URL="https://pbx.example.org",
        ADMIN_PASSWORD="secret",
        TANCREDI_API="trusted",
        TRUSTED_NETWORKS="10.0.0.0/8",
        TRUSTED_PROXIES="127.0.0.1",
        TOKENLESS_NETWORKS="192.0.2.0/24",
        WORKERS="3",
    )

    assert settings.state == Path("/srv/state")
    assert (settings.host, settings.port) == ("0.0.0.0", 80)
    assert settings.public_url.hostname == "pbx.example.org"
    assert (settings.admin_password, settings.tancredi_api) == ("secret", "trusted")
    assert [str(n) for n in settings.trusted_proxies] == ["127.0.0.1/32"]
    assert [str(n) for n in settings.tokenless_networks] == ["192.0.2.0/24"]
    assert settings.workers == 3


def test_an_ipv6_address_may_be_listened_on():
    settings = read(LISTEN="[::1]:8080")

    assert (settings.host, settings.port) == ("::1", 8080)
    assert settings.public_url.netloc == "[::1]:8080"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("LISTEN", "8080", "an address and a port"),
        ("LISTEN", ":8080", "an address and a port"),
        ("LISTEN", "127.0.0.1:0", "an address and a port"),
        ("LISTEN", "127.0.0.1:65536", "an address and a port"),
        ("LISTEN", "127.0.0.1:http", "an address and a port"),
        ("PUBLIC_URL", "pbx.example.org", "http:// or https://"),
        ("PUBLIC_URL", "https://pbx.example.org/path", "http:// or https://"),
        ("TANCREDI_API", "on", "one of token, trusted, off"),
        ("TANCREDI_API", "Token", "one of token, trusted, off"),
        ("TRUSTED_NETWORKS", "localhost", "addresses and networks, comma between"),
        ("TRUSTED_PROXIES", "10.0.0.*", "addresses and networks, comma between"),
        ("TOKENLESS_NETWORKS", "10.0.0.0/99", "addresses and networks, comma between"),
        ("WORKERS", "0", "a number from 1 to 64"),
        ("WORKERS", "65", "a number from 1 to 64"),
        ("WORKERS", "many", "a number from 1 to 64"),
        ("WORKERS", "-1", "a number from 1 to 64"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_what_is_allowed(name, value, allowed):
    with pytest.raises(SettingsError) as refused:
        read(**{name: value})

    text = str(refused.value)
    assert text.startswith(f"PROVISIONING_{name} is {value!r}; it must be ")
    assert allowed in text
