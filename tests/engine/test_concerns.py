"""What a device says of itself, held against what was chosen."""

from pathlib import Path

import pytest

from provisioning.engine.concerns import Concern, concerns, is_older, model_of
from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

LIBRARY = load_library([Path(__file__).parents[2] / "templates" / "phones"])

# Examples of all vendors whose phones are known: wazo-provd-plugins, NethServer/dev 7478.
EXAMPLES = [
    ("Yealink SIP-T46G 28.72.0.1 00:15:65:01:02:03", "yealink-T46", "28.72.0.1", "001565010203"),
    ("Yealink SIP VP-T49G 51.80.0.100 00:15:65:01:02:03", "yealink-T49", "51.80.0.100",
     "001565010203"),
    ("Yealink AX83H 180.86.0.20 80:5e:0c:01:02:03", "yealink-AX83", "180.86.0.20", "805e0c010203"),
    ("Yealink SIP-T46S 66.84.0.15", "yealink-T46", "66.84.0.15", None),
    ("Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0", "yealink-T46", "28.71.0.81", None),
    ("Yealink SIP-T19P_E2 53.84.0.90 00:15:65:01:02:03", "yealink-T19", "53.84.0.90",
     "001565010203"),
    ("Yealink SIP-T54W 96.86.0.20 805e0c010203", "yealink-T54", "96.86.0.20", "805e0c010203"),
    ("Fanvil X4 2.10.2.6887 0c383e010203", "fanvil-X4", "2.10.2.6887", "0c383e010203"),
    ("Fanvil X6U Pro 0.0.10 0c383e010203", "fanvil-X6U", "0.0.10", "0c383e010203"),
    ("Fanvil H2U-V2 2.12.1 0c383e010203", "fanvil-H2U", "2.12.1", "0c383e010203"),
    ("Fanvil X5U-V2 2.12.16.17 0c383e010203", "fanvil-X5U", "2.12.16.17", "0c383e010203"),
    ("Nethesis NP-X5 2.12.15.1.23 e0e656010203", "nethesis-NPX5", "2.12.15.1.23", "e0e656010203"),
    ("Nethesis NP-X210 2.12.15.1.23 e0e656020203", "nethesis-NPX210", "2.12.15.1.23",
     "e0e656020203"),
    ("Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413010203)",
     "snom-D710", "8.7.5.35", "000413010203"),
    ("Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 000413010204 "
     "SXM:0 UXM:0)", "snom-D785", "10.1.33.33", "000413010204"),
    ("Maxwell 3/3.15.9", "gigaset-Maxwell3", "3.15.9", None),
    ("Akuvox SPR50P 50.0.6.106 0c:11:05:01:02:03", "akuvox-SPR50P", "50.0.6.106", "0c1105010203"),
    ("Akuvox WP410 1.0.0.5 0c:11:05:01:02:03", "akuvox-WP410", "1.0.0.5", "0c1105010203"),
    ("Sangoma S500 2.0.4.67 00:50:58:01:02:03", "sangoma-S500", "2.0.4.67", "005058010203"),
]  # fmt: skip

# Devices that write a known layout, but are no model of ours: vendor, name, version, address.
OTHERS = [
    ("Yealink W90DM 130.87.0.10 80:5e:0c:01:02:03", "yealink", "W90DM", "130.87.0.10",
     "805e0c010203"),
    ("W52P 25.30.0.2 00:15:65:01:02:03", "yealink", "W52P", "25.30.0.2", "001565010203"),
    ("VP530P 23.70.0.40 00:15:65:01:02:03", "yealink", "VP530P", "23.70.0.40", "001565010203"),
    ("Snom M700 3.23.4 00087B010203", "snom", "M700", "3.23.4", "00087b010203"),
    ("snom M700 3.23.4 00087B010203", "snom", "M700", "3.23.4", "00087b010203"),
    ("Mozilla/4.0 (compatible; snom720-SIP 8.7.5.35 (Jan 01 2015) 000413010203)", "snom", "720",
     "8.7.5.35", "000413010203"),
    ("Gigaset N720 DM PRO/70.089.00.000.000;7C2F80010203", "gigaset", "N720 DM PRO",
     "70.089.00.000.000", "7c2f80010203"),
    ("N720-DM-PRO/70.040.00.000.000", "gigaset", "N720-DM-PRO", "70.040.00.000.000", None),
    ("N510 IP PRO/42.258.00.000.000;7C2F80010204", "gigaset", "N510 IP PRO", "42.258.00.000.000",
     "7c2f80010204"),
    ('"Gigaset N870 IP PRO/83.V2.11.0+build.a546b91;7C2F80010205;Handset=3"', "gigaset",
     "N870 IP PRO", "83.V2.11.0+build.a546b91", "7c2f80010205"),
]  # fmt: skip


def address(text):
    return MacAddress.parse(text) if text else None


@pytest.mark.parametrize(("user_agent", "model", "version", "mac"), EXAMPLES)
def test_a_user_agent_tells_vendor_model_firmware_and_address(user_agent, model, version, mac):
    found = identify(user_agent, LIBRARY.user_agents)
    assert found.vendor == model.partition("-")[0]
    assert (found.version, found.mac) == (version, address(mac))
    assert model_of(found, LIBRARY).id == model


@pytest.mark.parametrize(("user_agent", "vendor", "name", "version", "mac"), OTHERS)
def test_a_device_that_is_no_model_of_ours_is_named_all_the_same(
    user_agent, vendor, name, version, mac
):
    found = identify(user_agent, LIBRARY.user_agents)
    assert (found.vendor, found.model) == (vendor, name)
    assert (found.version, found.mac) == (version, address(mac))
    assert model_of(found, LIBRARY) is None


def test_every_vendor_has_an_example():
    assert {model.partition("-")[0] for _, model, _, _ in EXAMPLES} == set(LIBRARY.vendors)


@pytest.mark.parametrize("model", LIBRARY.models.values(), ids=lambda model: model.id)
def test_every_hardware_name_means_one_model(model):
    for name in (*model.user_agents, *model.hardware):
        found = {
            other.id
            for other in LIBRARY.models.values()
            if other.vendor == model.vendor
            and name.casefold() in map(str.casefold, (*other.user_agents, *other.hardware))
        }
        assert found == {model.id}


def found_on(user_agent, model_id):
    model = LIBRARY.models[model_id]
    asking = identify(user_agent, LIBRARY.user_agents)
    return list(concerns(asking, model.vendor, model, model.user_agents, LIBRARY))


@pytest.mark.parametrize(("user_agent", "model", "version", "mac"), EXAMPLES)
def test_a_device_of_the_chosen_model_is_no_mismatch(user_agent, model, version, mac):
    codes = {concern.code for concern in found_on(user_agent, model)}
    assert codes <= {"firmware_too_old"}


@pytest.mark.parametrize(
    ("user_agent", "model", "found", "expected"),
    [
        ("Yealink SIP-T48S 66.86.0.15", "yealink-T46", "SIP-T48S (Yealink T48G/S/U)",
         "SIP-T46G, SIP-T46S, SIP-T46U"),
        ("Fanvil X6U Pro 2.4.13 0c383e010203", "fanvil-X4", "X6U Pro (Fanvil X6U)", "X4, X4G"),
        ("Nethesis NP-X3 2.12.15", "nethesis-NPX5", "NP-X3 (Nethesis NP-X3)", "NP-X5"),
        ("Yealink W90DM 130.87.0.10", "yealink-T46", "W90DM", "SIP-T46G, SIP-T46S, SIP-T46U"),
    ],
)  # fmt: skip
def test_another_model_is_told_with_the_name_it_is_sold_by(user_agent, model, found, expected):
    assert found_on(user_agent, model) == [Concern("other_model", found, expected)]


def test_of_another_vendor_nothing_more_is_told():
    """Its version means nothing for the chosen model."""
    found = found_on("Fanvil X4 0.1.2 0c383e010203", "yealink-T46")
    assert found == [Concern("other_vendor", "fanvil", "yealink")]


@pytest.mark.parametrize(
    ("user_agent", "model", "expected"),
    [
        ("Yealink SIP-T46S 66.85.0.15", "yealink-T46", "x.86"),
        ("Snom D785", "snom-D785", None),
        ("snomD785-SIP 8.7.4.9", "snom-D785", "8.7.5"),
        ("Fanvil X4 1.9.9 0c383e010203", "fanvil-X4", "2.0"),
        ("Nethesis NP-X5 1.12 e0e656010203", "nethesis-NPX5", "2.0"),
        ("Sangoma S500 2.0.4.66 00:50:58:01:02:03", "sangoma-S500", "x.0.4.67"),
        ("Maxwell 3/3.15.8", "gigaset-Maxwell3", "3.15.9"),
        ("Yealink SIP-T46S 66.86.0.15", "yealink-T46", None),
        ("Maxwell 3", "gigaset-Maxwell3", None),
    ],
)
def test_firmware_before_the_least_that_is_supported_is_told(user_agent, model, expected):
    told = [c.expected for c in found_on(user_agent, model) if c.code == "firmware_too_old"]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("version", "minimum", "older"),
    [
        ((66, 85, 9), "x.86", True),
        ((66, 86), "x.86", False),
        ((1, 86), "x.86", False),
        ((8, 7), "8.7.5", True),
        ((8, 7, 5, 35), "8.7.5", False),
        ((10,), "8.7.5", False),
        ((2,), "2.0", False),
        ((), "x.86", False),
        ((1,), "", False),
    ],
)
def test_a_missing_part_of_a_version_counts_as_nought(version, minimum, older):
    assert is_older(version, minimum) is older
