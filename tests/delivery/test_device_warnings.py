"""What a phone says of itself when it asks, kept with the request and held against its model."""

import pytest
from served import ACCOUNT

from provisioning.engine.mac import MacAddress
from provisioning.services import lint, models, phones


def asked(served, model, user_agent, mac="02-00-00-AA-BB-01", file="{}.cfg"):
    """Register a phone, let it ask as a device, return its warnings and the request."""
    address = MacAddress.parse(mac)
    phone = served.register(address, model, ACCOUNT)
    answer = served.ask(f"{phone.tok2}/{file.format(address.bare)}", user_agent=user_agent)
    assert answer.status_code == 200, answer.text
    request = served.last_request()
    return warnings(served, address), request


def warnings(served, address):
    contact = phones.get(served.site, address).contact
    found = lint.concerns_of(served.site, phones.get(served.site, address).model, contact)
    return [(concern.code, concern.found, concern.expected) for concern in found]


@pytest.mark.parametrize(
    ("model", "user_agent", "file", "name", "firmware"),
    [
        ("yealink-T46", "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01", "{}.cfg", "SIP-T46S",
         "66.86.0.15"),
        ("yealink-T46", "Yealink-T46G 28.86.0.81 28.1.0.128.0.0.0", "{}.cfg", "T46G", "28.86.0.81"),
        ("fanvil-X6U", "Fanvil X6U Pro 2.4.13 0c383e010203", "{}.cfg", "X6U Pro", "2.4.13"),
        ("nethesis-NPX5", "Nethesis NP-X5 2.12.15.1.23 e0e656010203", "{}.cfg", "NP-X5",
         "2.12.15.1.23"),
        ("snom-D785", "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 1.1.3-s 000413010204)",
         "{}.xml", "D785", "10.1.33.33"),
        ("gigaset-Maxwell3", "Maxwell 3/3.15.9", "{}.xml", "Maxwell 3", "3.15.9"),
        ("akuvox-WP410", "Akuvox WP410 1.0.0.5 0c:11:05:01:02:03", "{}.cfg", "WP410", "1.0.0.5"),
        ("sangoma-S500", "Sangoma S500 2.0.4.67 00:50:58:01:02:03", "cfg{}.xml", "S500",
         "2.0.4.67"),
    ],
)  # fmt: skip
def test_the_right_phone_gives_no_warning(served, model, user_agent, file, name, firmware):
    found, request = asked(served, model, user_agent, file=file)
    assert found == []
    assert (request.vendor, request.model, request.firmware) == (
        model.partition("-")[0], name, firmware,
    )  # fmt: skip


def test_another_model_than_the_chosen_one_is_a_warning(served):
    found, _ = asked(served, "yealink-T46", "Yealink SIP-T48S 66.86.0.15")
    expected = "SIP-T46G, SIP-T46S, SIP-T46U"
    assert found == [("other_model", "SIP-T48S (Yealink T48G/S/U)", expected)]


def test_another_vendor_than_the_chosen_one_is_a_warning(served):
    found, _ = asked(served, "yealink-T46", "Fanvil X4 2.4.1 020000aabb01")
    assert found == [("other_vendor", "fanvil", "yealink")]


def test_firmware_older_than_the_template_is_written_for_is_a_warning(served):
    found, _ = asked(served, "yealink-T46", "Yealink SIP-T46S 66.84.0.15")
    assert found == [("firmware_too_old", "66.84.0.15", "x.86")]


def test_a_warning_goes_when_the_firmware_is_new_or_the_model_is_right(served):
    address = MacAddress.parse("02-00-00-AA-BB-01")
    asked(served, "yealink-T48", "Yealink SIP-T46S 66.84.0.15")
    assert [code for code, _, _ in warnings(served, address)] == ["other_model", "firmware_too_old"]
    phones.change(served.site, address, model="yealink-T46", by="tests")
    assert [code for code, _, _ in warnings(served, address)] == ["firmware_too_old"]
    token = phones.get(served.site, address).tok2
    served.ask(f"{token}/{address.bare}.cfg", user_agent="Yealink SIP-T46S 66.86.0.15")
    served.events.flush()
    assert warnings(served, address) == []


def test_a_phone_that_says_nothing_gives_no_warning(served):
    found, request = asked(served, "yealink-T46", "")
    assert found == []
    assert (request.vendor, request.model, request.firmware) == ("", "", "")


def test_a_variant_is_held_against_the_hardware_of_its_base(served):
    models.create(
        served.site, "yealink-T46-hall", display_name="", base="yealink-T46", own_differences={},
        by="tests",
    )  # fmt: skip
    found, _ = asked(served, "yealink-T46-hall", "Yealink SIP-T48S 66.84.0.15")
    assert [code for code, _, _ in found] == ["other_model", "firmware_too_old"]
    right, _ = asked(
        served, "yealink-T46-hall", "Yealink SIP-T46U 108.86.0.15", mac="02-00-00-AA-BB-02"
    )
    assert right == []
