"""Giving phones to users, and what becomes of numbers and secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.mac import MacAddress
from provisioning.engine.numbers import NoNumberLeft, lowest_free_number, numbers_of
from provisioning.engine.user_state import UserState
from provisioning.services import application_settings, configurations, links, phones, users
from provisioning.services.errors import AlreadyExists, BadName, InUse, NotFound
from provisioning.services.users import NewUser
from provisioning.store import history

ADA = NewUser("ada", "Ada", "201")


def register(site, number: int) -> MacAddress:
    mac = MacAddress.parse(f"001565{number:06x}")
    phones.create(site, mac, model="yealink-T46", by="test")
    return mac


def body(site, mac: MacAddress) -> str:
    return configurations.preview(site, mac, None).body.decode()


class TestNumbers:
    def test_the_first_device_has_the_main_extension_the_next_have_prefixes(self):
        assert numbers_of("201", 8) == [
            "201", "91201", "92201", "93201", "94201", "95201", "96201", "97201",
        ]  # fmt: skip

    def test_a_setting_allows_a_ninth_device(self):
        assert numbers_of("201", 9)[-1] == "98201"

    @given(taken=st.sets(st.sampled_from(numbers_of("201", 8)), max_size=7))
    def test_the_lowest_free_number_is_given_out(self, taken):
        free = [number for number in numbers_of("201", 8) if number not in taken]
        assert lowest_free_number("201", taken, limit=8) == free[0]

    def test_nothing_is_given_out_when_all_are_taken(self):
        with pytest.raises(NoNumberLeft):
            lowest_free_number("201", numbers_of("201", 8), limit=8)


def test_a_linked_phone_gets_an_account_of_its_own(site):
    mac = register(site, 1)
    users.create(ADA, by="test")
    link = links.link(mac, "ada", by="test")
    assert (link.number, link.extension, link.encryption) == ("201", "201", True)
    text = body(site, mac)
    assert "account.1.enable = 1" in text
    assert "account.1.user_name = 201" in text
    assert "account.1.display_name = Ada <201>" in text


def test_the_secret_has_twenty_characters_or_more_and_no_answer_tells_it(site):
    users.create(ADA, by="test")
    link = links.link(register(site, 1), "ada", by="test")
    secret = phones.effective(site, MacAddress.parse(link.mac))["account_password_1"].value
    assert len(secret) >= 20
    assert secret not in repr(link)


def test_unlinking_clears_the_account_on_the_phone(site):
    """Unlinked phones kept their account and went on registering (seen in NethVoice)."""
    mac = register(site, 1)
    users.create(ADA, by="test")
    links.link(mac, "ada", by="test")
    secret = phones.effective(site, mac)["account_password_1"].value
    links.unlink(site, mac, by="test")
    text = body(site, mac)
    assert "account.1.enable = 0" in text
    assert "account.1.password = %NULL%" in text
    assert secret not in text


ACCOUNT_OF_A_PBX = {
    "account_username_1": "301",
    "account_password_1": "once-written-by-a-pbx",
    "account_username_2": "302",
    "language": "it",
}


def test_an_account_that_the_link_hid_does_not_come_back_when_it_is_unlinked(site):
    """A migrated phone fell back to the account that its PBX had written before the link."""
    mac = register(site, 1)
    phones.change(site, mac, variables=ACCOUNT_OF_A_PBX, by="test")
    users.create(ADA, by="test")
    links.link(mac, "ada", by="test")
    links.unlink(site, mac, by="test")
    text = body(site, mac)
    assert "account.1.enable = 0" in text
    assert "once-written-by-a-pbx" not in text
    # What nobody unlinked stays.
    assert phones.get(site, mac).variables == {"account_username_2": "302", "language": "it"}


def test_eight_devices_fit_and_the_ninth_is_refused_by_name(site):
    users.create(ADA, by="test")
    numbers = [links.link(register(site, n), "ada", by="test").number for n in range(8)]
    assert numbers == numbers_of("201", 8)
    with pytest.raises(InUse, match="97201: 00-15-65-00-00-07"):
        links.link(register(site, 8), "ada", by="test")
    application_settings.change({"devices_per_user": "9"}, by="test")
    assert links.link(register(site, 9), "ada", by="test").number == "98201"


def test_a_freed_number_is_given_out_again_first(site):
    users.create(ADA, by="test")
    macs = [register(site, n) for n in range(3)]
    for mac in macs:
        links.link(mac, "ada", by="test")
    links.unlink(site, macs[1], by="test")
    assert links.link(register(site, 9), "ada", by="test").number == "91201"


def test_a_phone_that_moves_gets_a_new_secret_and_frees_its_number(site):
    mac = register(site, 1)
    users.create(ADA, by="test")
    users.create(NewUser("bob", "Bob", "202"), by="test")
    links.link(mac, "ada", by="test")
    old = phones.effective(site, mac)["account_password_1"].value
    assert links.link(mac, "bob", by="test").number == "202"
    assert phones.effective(site, mac)["account_password_1"].value != old
    assert links.of_users(["ada"]) == {"ada": []}


def test_linking_again_to_the_same_user_changes_nothing(site):
    mac = register(site, 1)
    users.create(ADA, by="test")
    first = links.link(mac, "ada", by="test")
    secret = phones.effective(site, mac)["account_password_1"].value
    assert links.link(mac, "ada", by="test") == first
    assert phones.effective(site, mac)["account_password_1"].value == secret


def test_one_phone_may_have_accounts_of_several_users(site):
    mac = register(site, 1)
    users.create(ADA, by="test")
    users.create(NewUser("bob", "Bob", "202"), by="test")
    links.link(mac, "ada", by="test")
    links.link(mac, "bob", line=2, by="test")
    text = body(site, mac)
    assert "account.1.user_name = 201" in text
    assert "account.2.user_name = 202" in text


def test_a_prefixed_number_is_never_somebody_elses_extension(site):
    """A real extension that begins with 9 was taken for a second device (seen in NethVoice)."""
    users.create(ADA, by="test")
    users.create(NewUser("carl", "Carl", "91201"), by="test")
    links.link(register(site, 1), "ada", by="test")
    assert links.link(register(site, 2), "ada", by="test").number == "92201"
    with pytest.raises(InUse, match="92201"):
        users.create(NewUser("dora", "Dora", "92201"), by="test")


def test_a_user_with_devices_is_not_removed(site):
    users.create(ADA, by="test")
    links.link(register(site, 1), "ada", by="test")
    with pytest.raises(InUse, match="00-15-65-00-00-01"):
        users.delete("ada", by="test")


def test_who_is_gone_from_a_pushed_list_is_marked_and_keeps_the_devices(site):
    users.create(ADA, by="test")
    mac = register(site, 1)
    links.link(mac, "ada", by="test")
    result = users.sync([NewUser("bob", "Bob", "202")], by="test")
    assert (result.created, result.removed) == (("bob",), ("ada",))
    assert users.get("ada").removed_at is not None
    assert links.of_phone(mac)[0].user == "ada"
    assert users.sync([ADA, NewUser("bob", "Bob", "202")], by="test").removed == ()
    assert users.get("ada").removed_at is None
    recorded = [change.action for change in history.of_subject("user", "ada")]
    assert recorded == ["back", "gone", "create"]


def test_one_bad_user_of_a_pushed_list_does_not_stop_the_others(site):
    result = users.sync([ADA, NewUser("bob", "Bob", "201"), NewUser("eve", "", "x")], by="test")
    assert result.created == ("ada",)
    assert {name for name, _ in result.refused} == {"bob", "eve"}


def test_a_pushed_list_takes_no_number_from_a_device(site):
    users.create(ADA, by="test")
    for number in (1, 2):
        links.link(register(site, number), "ada", by="test")
    moved, prefixed = NewUser("ada", "Ada", "203"), NewUser("bob", "Bob", "91201")
    fine = [NewUser("eve", "Eve", "203"), NewUser("eve", "Eve", "204"), NewUser("dan", "", "203")]
    result = users.sync([moved, prefixed, *fine], by="test")
    assert [name for name, _ in result.refused] == ["ada", "bob"]
    assert [users.get(name).extension for name in ("ada", "eve", "dan")] == ["201", "204", "203"]


def test_a_list_without_news_touches_nothing(site):
    users.sync([ADA], by="test")
    before = [change.id for change in history.of_subject("user", "ada")]
    result = users.sync([ADA], by="test")
    assert (result.created, result.changed, result.removed, result.refused) == ((), (), (), ())
    assert [change.id for change in history.of_subject("user", "ada")] == before


def test_what_a_user_switches_on_goes_into_the_next_configuration(site):
    mac = register(site, 1)
    users.create(ADA, by="test")
    links.link(mac, "ada", by="test")
    users.set_state("ada", UserState(dnd=True, forward_busy="345"), by="test")
    text = body(site, mac)
    assert "account.1.dnd.enable = 1" in text
    assert "account.1.busy_fwd.target = 345" in text


@pytest.mark.parametrize("extension", ["", "2", "abc", "201 ", "1234567", "\uff12\uff10\uff11"])
def test_an_extension_is_two_to_six_digits(site, extension):
    with pytest.raises(BadName):
        users.create(NewUser("ada", "Ada", extension), by="test")


def test_names_and_extensions_are_unique(site):
    users.create(ADA, by="test")
    with pytest.raises(AlreadyExists):
        users.create(ADA, by="test")
    with pytest.raises(AlreadyExists):
        users.create(NewUser("bob", "Bob", "201"), by="test")


def test_only_what_is_there_can_be_linked(site):
    users.create(ADA, by="test")
    with pytest.raises(NotFound):
        links.link(MacAddress.parse("001565999999"), "ada", by="test")
    with pytest.raises(NotFound):
        links.link(register(site, 1), "nobody", by="test")
