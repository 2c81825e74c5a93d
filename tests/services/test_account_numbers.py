"""By which numbers the PBX knows a phone."""

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import account_numbers, application_settings, links, phones, users
from provisioning.services.users import NewUser
from provisioning.store import devices

MAC = MacAddress.parse("00-15-65-00-00-01")
OTHER = MacAddress.parse("00-15-65-00-00-02")
OWN = {"account_extension_1": "301", "account_username_1": "user-301", "account_username_2": "302"}


@pytest.fixture
def people(site):
    users.create(NewUser("ada", "Ada", "201"), by="test")
    for mac in (MAC, OTHER):
        phones.create(site, mac, model="yealink-T46", by="test")
    return site


def numbers(site, mac=MAC) -> list[str]:
    return account_numbers.of_phone(site, devices.find(str(mac)))


def test_an_account_of_the_settings_counts_where_no_link_hides_it(people):
    phones.change(people, MAC, variables=OWN, by="test")
    assert numbers(people) == ["301", "user-301", "302"]
    links.link(MAC, "ada", by="test")
    assert numbers(people) == ["201", "302"]
    assert account_numbers.everyone() == {"201": str(MAC), "302": str(MAC)}


def test_an_account_that_the_pbx_has_yet_to_make_has_no_number(people):
    application_settings.change({"pbx_connector": "nethvoice"}, by="test")
    phones.change(people, MAC, variables=OWN, by="test")
    links.link(MAC, "ada", by="test")
    assert numbers(people) == ["302"]


def test_a_number_of_a_link_is_nobody_elses(people):
    phones.change(people, OTHER, variables={"account_extension_1": "201"}, by="test")
    links.link(MAC, "ada", by="test")
    assert account_numbers.everyone() == {"201": str(MAC)}
    assert numbers(people, OTHER) == ["201"]
