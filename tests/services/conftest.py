"""A site whose people and phones move."""

import pytest
from office import NEW, OLD, THIRD

from provisioning.services import application_settings, links, phones, users
from provisioning.services.users import NewUser


@pytest.fixture
def accounts_file(site, tmp_path):
    """The accounts as an Asterisk that includes our file would read them."""
    path = tmp_path / "pjsip.conf"
    application_settings.change({"pbx_connector": "asterisk", "pjsip_file": str(path)}, by="test")
    return path


@pytest.fixture
def office(site, accounts_file):
    """Ada with two phones, Bob with none, a third phone that nobody has."""
    users.create(NewUser("ada", "Ada", "201", group="sales"), by="test")
    users.create(NewUser("bob", "Bob", "202", group="sales"), by="test")
    for mac in (OLD, NEW, THIRD):
        phones.create(site, mac, model="yealink-T46", by="test")
    links.link(OLD, "ada", by="test")
    links.link(NEW, "ada", by="test")
    return site
