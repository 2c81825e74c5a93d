"""Accounts that NethVoice makes follow their users to other phones, with their numbers."""

from itertools import permutations

import pytest

from peers import nethvoice as peers
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    configurations,
    links,
    moves,
    nethvoice,
    operations,
    pbx,
    phones,
    users,
)
from provisioning.services.moves import Desk, Leave, Replace
from provisioning.services.users import NewUser
from provisioning.store import links as stored_links

ADA, BOB, FREE = (MacAddress(f"00156500000{n}") for n in (1, 2, 3))


@pytest.fixture
def peer(site):
    """A NethVoice with an account for each of two phones; a third phone is nobody's."""
    with peers.listening() as peer:
        settings = {
            "pbx_connector": "nethvoice",
            "nethvoice_url": peer.url,
            "nethvoice_user": peers.USER,
            "nethvoice_password": peers.PASSWORD,
            "nethvoice_secret": peers.SECRET,
        }
        application_settings.change(settings, by="test")
        for mac in (ADA, BOB, FREE):
            phones.create(site, mac, model="yealink-T46", by="test")
        for name, extension, mac in (("ada", "201", ADA), ("bob", "202", BOB)):
            users.create(NewUser(name, name.title(), extension), by="test")
            links.link(mac, name, by="test")
        settle(unsettled(0))
        yield peer


def unsettled(since: int) -> list[tuple[MacAddress, int, str | None]]:
    """What the worker would settle, in the order in which it was started."""
    _, found = operations.page(kind=pbx.NETHVOICE_ACCOUNT, offset=0, limit=99)
    work = []
    for one in sorted(found, key=lambda one: one.operation.id):
        if one.operation.id > since:
            _, [item] = operations.items(one.operation.id, state=None, offset=0, limit=1)
            mac, _, line = item.subject.partition("/")
            released = one.operation.parameters["released"]
            work.append((MacAddress.parse(mac), int(line), released))
    return work


def settle(work):
    for mac, line, released in work:
        nethvoice.settle(mac, line, released)


def move(site, wanted):
    last = operations.page(kind=None, offset=0, limit=1)[1][0].operation.id
    moves.carry_out(site, wanted, review=lambda plan: None, by="test")
    return unsettled(last)


def known_secrets(peer):
    return {account["secret"] for account in peer.accounts.values()}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_moved_account_keeps_its_number_whichever_phone_is_settled_first(site, peer, backwards):
    known = known_secrets(peer)
    work = move(site, Desk(ADA, to=FREE))
    assert len(work) == 2
    settle(reversed(work) if backwards else work)
    assert peer.numbers() == {FREE.colons: "201", BOB.colons: "202"}
    assert links.of_phone(FREE)[0].confirmed
    secret = peer.accounts[FREE.colons]["secret"]
    assert secret not in known
    body = configurations.preview(site, FREE, None).body.decode()
    assert secret in body
    old = configurations.preview(site, ADA, None).body.decode()
    assert not any(hidden in old for hidden in known)


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_phones_that_swap_keep_the_numbers_of_their_users(site, peer, order):
    known = known_secrets(peer)
    work = move(site, Desk(ADA, swap_with=BOB))
    settle(work[n] for n in order)
    assert peer.numbers() == {ADA.colons: "202", BOB.colons: "201"}
    assert not known & known_secrets(peer)
    assert [link.number for link in links.of_phone(ADA)] == ["202"]


def test_a_replaced_handset_has_no_account_any_more(site, peer):
    settle(move(site, Replace(ADA, FREE)))
    assert peer.numbers() == {FREE.colons: "201", BOB.colons: "202"}


def test_a_handed_over_phone_gets_a_number_of_the_successor(site, peer):
    settle(move(site, Leave("ada", successor="bob", devices_follow=True, remove=True)))
    assert peer.numbers() == {ADA.colons: "91202", BOB.colons: "202"}


def test_what_an_attempt_before_made_is_not_taken_away_again(site, peer):
    """A worker that is killed between the PBX's answer and its own note begins anew."""
    work = move(site, Desk(ADA, to=FREE))
    settle(work)
    made = peer.accounts[FREE.colons]
    stored = stored_links.find(str(FREE), 1)
    stored.confirmed = False
    stored.save()
    settle(work)
    assert peer.accounts[FREE.colons] == made
    assert links.of_phone(FREE)[0].confirmed
