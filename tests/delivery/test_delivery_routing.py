"""Which file name belongs to which vendor and phone."""

import pytest
from served import ACCOUNT, SNOM, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import phones


@pytest.mark.parametrize("name", ["001565aabb01.cfg", "001565AABB01.cfg", "001565AaBb01.CFG"])
def test_a_file_name_is_known_in_any_case(served: Served, name):
    """Phones that expand their macro in capitals got 404 (seen in Tancredi)."""
    phone = served.register()

    assert served.ask(name).status_code == 200
    assert b"user201" in served.ask(f"{phone.tok2}/{name}").data


@pytest.mark.parametrize("name", ["000413aabb01.xml", "000413AABB01.xml", "000413aaBB01.xml"])
def test_a_snom_address_in_mixed_case_finds_its_phone_without_a_token(served: Served, name):
    """An id with one capital letter was not found (seen in Tancredi)."""
    served.register(SNOM, "snom-D785")

    assert served.ask(name).status_code == 200


@pytest.mark.parametrize(
    ("address", "vendor"),
    [
        ("00:04:13:80:A5:00", "gigaset"),
        ("00:04:13:80:9E:B3", "snom"),  # one past a range of Gigaset's
        ("00:04:13:80:F9:00", "gigaset"),  # a gap in Tancredi's rules
        ("00:04:13:D8:51:90", "gigaset"),  # likewise
        ("00:04:13:E5:00:00", "gigaset"),
        ("00:04:13:AA:BB:01", "snom"),
    ],
)
def test_the_narrowest_range_tells_the_vendor(served: Served, address, vendor):
    mac = MacAddress.parse(address)
    phones.create(served.site, mac, by="tests")  # no model: only the address tells

    answer = served.ask(f"{mac.bare}.xml")

    assert answer.status_code == 200
    assert served.site.library.vendor_of(mac).id == vendor
    root = {"gigaset": b"<provisioning ", "snom": b"<settings>"}[vendor]
    assert root in answer.data


def test_the_token_alone_decides_whose_configuration_it_is(served: Served):
    mine = served.register()
    other = MacAddress.parse("00-15-65-AA-BB-02")
    served.register(other, variables={"account_username_1": "somebody-else"})

    answer = served.ask(f"{mine.tok2}/{other.bare}.cfg")

    assert b"user201" in answer.data
    assert b"somebody-else" not in answer.data


def test_with_its_token_a_phone_may_ask_for_the_file_of_an_address_nobody_knows(served: Served):
    phone = served.register()

    assert b"user201" in served.ask(f"{phone.tok2}/ffffffffffff.cfg").data


def test_a_phone_registered_with_a_new_prefix_is_served_by_its_model(served: Served):
    mac = MacAddress.parse("AA-AA-AA-00-00-01")
    phone = served.register(mac)

    assert served.ask(f"{phone.tok2}/{mac.bare}.cfg").status_code == 200
    assert served.ask(f"{mac.bare}.cfg").status_code == 200


def test_fanvil_phones_of_00_a8_5a_are_served(served: Served):
    """Tancredi's rule had one digit too few."""
    mac = MacAddress.parse("00-A8-5A-00-00-01")
    model = next(m for m in served.site.library.models if m.startswith("fanvil-"))
    served.register(mac, model)

    assert served.site.library.vendor_of(mac).id == "fanvil"
    assert served.ask("00a85a000001.cfg").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "vendor"),
    [
        ("Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01", "yealink"),
        ("", "yealink"),  # by its address
        ("Mozilla/4.0 (compatible; snom785-SIP 10.1.184.14 000413AABB01)", "snom"),
    ],
)
def test_a_phone_without_a_model_is_served_by_what_it_says_of_itself(
    served: Served, user_agent, vendor
):
    phone = served.register(model="")
    names = {"yealink": f"{YEALINK.bare}.cfg", "snom": f"{YEALINK.bare}.xml"}

    answer = served.ask(f"{phone.tok2}/{names[vendor]}", user_agent=user_agent)

    assert answer.status_code == 200
    assert answer.data.startswith(b"<?xml" if vendor == "snom" else b"#!version")


def test_a_phone_without_a_model_gets_the_template_of_what_it_says_it_is(served: Served):
    """Families of a vendor have templates of their own."""
    mac = MacAddress.parse("0C-38-3E-00-00-01")
    phone = served.register(mac, model="")
    family = {}
    for model_id in ("fanvil-X3", "fanvil-X5"):
        model = served.site.library.models[model_id]
        user_agent = f"Fanvil {model.user_agents[0]} 2.4.13 0c383e000001"
        answer = served.ask(f"{phone.tok2}/{mac.bare}.cfg", user_agent=user_agent)
        family[model_id] = answer.data

    assert family["fanvil-X3"] != family["fanvil-X5"]


def test_a_phone_that_nothing_is_known_of_gets_an_error_with_its_reason(served: Served):
    """It got 200 with an empty body (seen in Tancredi)."""
    mac = MacAddress.parse("AA-AA-AA-00-00-01")
    phone = served.register(mac, model="", variables=ACCOUNT)

    answer = served.ask(f"{phone.tok2}/snom-firmware.xml")

    assert answer.status_code == 500
    assert "tmpl_firmware" in served.last_request().reason


def test_an_index_file_is_made_for_whoever_asks_with_a_token(served: Served):
    phone = served.register(SNOM, "snom-D785")

    with_token = served.ask(f"{phone.tok2}/snom-firmware.xml")

    assert with_token.status_code == 200
    assert with_token.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert served.ask("snom-firmware.xml").status_code == 404
