"""The first start and every later one."""

import stat

import pytest

from provisioning.app import open_site, prepare
from provisioning.services import accounts, defaults
from provisioning.settings import Settings
from provisioning.store.database import database, version
from provisioning.store.tables import Change


@pytest.fixture
def start(tmp_path):
    """Start on a state directory, by its name; returns the first password and the defaults."""

    def start_on(name: str, **environment: str):
        settings = Settings.from_environment(
            {"PROVISIONING_STATE": str(tmp_path / name), **environment}
        )
        password = prepare(settings)
        return password, defaults.get(open_site(settings))

    yield start_on
    database.close()


def test_every_site_has_passwords_of_its_own_for_the_phones(start):
    """One password for all sites would open every phone on the internet."""
    _, first = start("first")
    _, second = start("second")

    for name, length in {"adminpw": 16, "userpw": 12}.items():
        assert len(first[name]) == len(second[name]) == length
        assert first[name].isalnum()
        assert first[name] != second[name]


def test_the_passwords_stay_at_the_next_start(start):
    _, first = start("site")
    number, changes = version(), Change.select().count()
    _, again = start("site")

    assert again == first
    assert (version(), Change.select().count()) == (number, changes)


def test_a_password_the_site_has_chosen_stays(start, tmp_path):
    start("site")
    site = open_site(Settings.from_environment({"PROVISIONING_STATE": str(tmp_path / "site")}))
    defaults.change(site, {"adminpw": "chosen", "userpw": ""}, by="tests")

    _, again = start("site")

    assert (again["adminpw"], again["userpw"]) == ("chosen", "")


def test_the_first_password_of_the_admin_is_told_once(start):
    first, _ = start("site")
    again, _ = start("site")

    assert len(first) >= 16
    assert again is None
    assert accounts.sign_in("admin", first)


def test_a_chosen_first_password_is_not_told(start):
    told, _ = start("site", PROVISIONING_ADMIN_PASSWORD="chosen by hand")

    assert told is None
    assert accounts.sign_in("admin", "chosen by hand")


@pytest.mark.parametrize("mode", [None, 0o755, 0o777])
def test_nobody_else_may_look_into_the_state_directory(start, tmp_path, mode):
    state = tmp_path / "deep" / "site"
    if mode is not None:
        state.mkdir(parents=True)
        state.chmod(mode)

    start("deep/site")

    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_the_start_leaves_no_connection_open(start, tmp_path):
    """A server forks: processes must not share one."""
    prepare(Settings.from_environment({"PROVISIONING_STATE": str(tmp_path / "site")}))

    assert database.is_closed()
