"""A draft on a site of 5,000 phones: told while an admin waits.

The target is about 5 s. Its phones are of 650 kinds; of fewer kinds it takes less. The bound leaves
room for slow and busy machines: rendering every phone would take far longer.
"""

import random
import time

import pytest
from drafted import effects_of

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import defaults, drafts, layouts
from provisioning.services.layouts import Uses
from provisioning.services.phones import new_token
from provisioning.store.database import configuration_change
from provisioning.store.tables import Contact, Link, Phone, Token, User

PHONES = 5_000
GROUPS = 100
MOST_SECONDS = 15
MODELS = {
    "yealink-T46": "001565",
    "yealink-T48": "001565",
    "yealink-T19": "001565",
    "snom-D785": "000413",
    "fanvil-X4": "0c383e",
    "sangoma-S500": "005058",
    "gigaset-Maxwell3": "589ec6",
    "nethesis-NPX5": "0c383e",
}


def state(chance: random.Random) -> dict[str, object]:
    return {
        "dnd": chance.random() < 0.05,
        "forward_always": "0331" if chance.random() < 0.05 else "",
        "forward_timeout": "0332" if chance.random() < 0.1 else "",
    }


def own_settings(chance: random.Random, number: int) -> dict[str, str]:
    """What an admin set on a phone by hand: up to three keys, now and then something else."""
    found = {}
    for key in range(1, 1 + chance.randrange(4)):
        found[f"linekey_type_{key}"] = chance.choice(["blf", "blf", "speed_dial"])
        found[f"linekey_value_{key}"] = str(20_000 + chance.randrange(PHONES))
        found[f"linekey_label_{key}"] = f"Colleague {number}"
    if chance.random() < 0.1:
        found["language"] = chance.choice(["de", "fr"])
    return found


@pytest.fixture
def site_of_5000_phones(site):
    chance = random.Random(5)
    models = list(MODELS)
    rows = []
    for number in range(PHONES):
        model = models[number % len(models)]
        mac = MacAddress.parse(f"{MODELS[model]}{number:06x}")
        rows.append((number, str(mac), model))
    with configuration_change():
        for first in range(0, PHONES, 500):
            some = rows[first : first + 500]
            Phone.insert_many(
                {
                    "mac": mac,
                    "model": model,
                    "display_name": f"Desk {n}",
                    "variables": own_settings(chance, n),
                    "created_at": 0,
                }
                for n, mac, model in some
            ).execute()
            Token.insert_many(
                {"text": new_token(), "phone": mac, "kind": 2, "shown": True} for _, mac, _ in some
            ).execute()
            User.insert_many(
                {
                    "id": n + 1,
                    "name": f"user{n}",
                    "display_name": f"Person {n}",
                    "extension": str(20_000 + n),
                    "group": f"group {n % GROUPS}",
                    "state": state(chance),
                }
                for n, _, _ in some
            ).execute()
            Link.insert_many(
                {
                    "phone": mac,
                    "line": 1,
                    "user": n + 1,
                    "number": str(20_000 + n),
                    "secret": f"secret {n}",
                    "encryption": True,
                    "created_at": 0.0,
                }
                for n, mac, _ in some
            ).execute()
            Contact.insert_many(
                {
                    "phone": mac, "at": 1.0, "address": "192.0.2.1", "access": "tok2",
                    "vendor": "", "model": "", "firmware": "", "outcome": "served",
                    "served_at": 1.0, "served_etag": "e", "served_digest": "d",
                    "served_user_agent": f"Yealink SIP-T46S 66.86.0.{n % 2} {mac}",
                }
                for n, mac, _ in some
            ).execute()  # fmt: skip
    fills = [Fill("linekey", 4, 10, "group 7", "name")]
    uses = Uses(models=("yealink-T46", "snom-D785"))
    layouts.create(site, "Group 7", variables={}, fills=fills, uses=uses, by="tests")
    return site


def seconds(work):
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def test_drafts_on_5000_phones_are_told_in_a_few_seconds(site_of_5000_phones):
    site = site_of_5000_phones
    everybody = Uses(models=tuple(MODELS))
    keys = {
        f"linekey_{member}_{n}": "blf" if member == "type" else f"6{n:02}"
        for n in range(1, 31)
        for member in ("type", "value", "label")
    }
    drafted = {
        "settings": lambda: drafts.of_defaults(
            site, {"language": "es", "vlan_id_phone": "12", "logo_text": "x", "adminpw": "geheim12"}
        ),
        "a layout": lambda: drafts.of_layout(site, "All", new=True, variables=keys, uses=everybody),
        "people of a group": lambda: drafts.of_layout(
            site,
            "Group 8",
            new=True,
            fills=[Fill("linekey", 5, 20, "group 8", "name")],
            uses=everybody,
        ),
    }
    for told, make in drafted.items():
        took, found = seconds(lambda make=make: effects_of(site, make(), limit=20))
        assert sum(found.verdicts.values()) == PHONES, told
        assert found.verdicts["changes"] > PHONES / 2, told
        assert took < MOST_SECONDS, told
    assert defaults.get(site)["language"] == "en"
