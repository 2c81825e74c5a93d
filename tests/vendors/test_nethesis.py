"""What NethPhones fetch.

They are Fanvil hardware: what test_fanvil.py shows of the X5 layout is not repeated.
"""

import re

import pytest
from phones import (
    ADDRESS,
    LIBRARY,
    LINE_KEY_TYPES,
    everything_empty,
    everything_set,
    keys_of_every_type,
    models_of,
    render,
)
from test_fanvil import read

from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import shipped_variables

MODELS = models_of("nethesis")
FANVIL = {
    "nethesis-NPX3": "fanvil-X3SG",
    "nethesis-NPV61": "fanvil-V61",
    "nethesis-NPX5": "fanvil-X5U",
    "nethesis-NPX210": "fanvil-X210",
}
NPX5 = "nethesis-NPX5"
NP_X5 = "Nethesis NP-X5 2.4.12.7 e0e656010203"
IMAGES = {
    "x5u-6906-P0.18.23.142-2.4.13.1-3681T2024-12-23-20.03.57.z": ("2.4.13.1", "2024.12.23 20:03"),
    "NP-X5-voip-release-ff01-6907-2.12.23.0.1-krnlvUT2025-03-27-14.13.11.z": (
        "2.12.23.0.1",
        "2025.03.27 14:13",
    ),
}


def rendered(model, variables=None, **request):
    """What a phone reads of the file it is given; the arguments are those of ``render``."""
    return read(render(model, variables, **request))


@pytest.mark.parametrize("model", MODELS)
def test_every_model_renders_whatever_is_set(model):
    for variables in ({}, everything_set(model), everything_empty(model)):
        assert len(rendered(model, variables)) > 150
    for shift in range(len(LINE_KEY_TYPES) - 1):
        assert rendered(model, keys_of_every_type(model, shift))


@pytest.mark.parametrize(("model", "fanvil"), FANVIL.items())
def test_a_nethphone_differs_from_its_fanvil_only_where_the_sheet_says(model, fanvil):
    """Both are written by one template."""
    equal = {"cap_brightness": "1", "date_format": "DD MM YY", "logo_text": ""}
    variables = {**everything_set(model), **equal}
    ours, theirs = rendered(model, variables), rendered(fanvil, variables)
    different = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
    assert different <= {"LCD Title", "WIFI Enable", "Desktop Click", "Default Language"}


@pytest.mark.parametrize("model", MODELS)
def test_what_is_a_nethphones_own(model):
    file = rendered(model, {"language": "it"})
    assert file["LCD Title"] == "Nethesis"
    assert file["WIFI Enable"] == "0"
    assert file["Desktop Click"] == "history;status;none;none;none;"
    assert file["Default Language"] == "7"


def test_dates_follow_the_hardwares_scheme_in_a_preview_too():
    """Without the phone's user agent a preview showed the old numbers (seen in Tancredi)."""
    shown = {model: rendered(model)["Date Display Style"] for model in MODELS}
    assert shown == {
        "nethesis-NPX3": "2",
        "nethesis-NPV61": "2",
        "nethesis-NPX5": "4",
        "nethesis-NPX210": "4",
    }


# Presets, as Tancredi's API shows them


def test_presets_of_an_np_x5_are_tancredis():
    assert shipped_variables(LIBRARY.models[NPX5]) == {
        "cap_ldap_tls_blacklist": "", "provisioning_url_filename": "$mac.cfg",
        "tmpl_phone": "nethesis.tmpl", "tmpl_firmware": "nethesis-firmware.tmpl",
        "tmpl_firmware_v2": "nethesis-firmware-v2.tmpl", "cap_linekey_type_blacklist": "",
        "cap_softkey_count": "4", "cap_softkey_type_blacklist": "", "cap_expkey_count": "",
        "cap_expkey_type_blacklist": "", "cap_ringtone_count": "9", "cap_ringtone_blacklist": "-1",
        "cap_dss_transfer_blacklist": "", "softkey_type_1": "history", "softkey_type_2": "ldap",
        "softkey_type_3": "group_pickup", "softkey_type_4": "menu", "linekey_type_1": "line",
        "linekey_type_2": "line", "cap_background_file": "1", "cap_screensaver_file": "",
        "screensaver_time": "600", "backlight_time": "30", "cap_contrast": "1", "contrast": "4",
        "cap_brightness": "1", "brightness": "5", "cap_screensaver_time_blacklist": "",
        "cap_backlight_time_blacklist": "", "date_format": "WWW DD MMM",
        "nethesis_sidekey_count": "4", "nethesis_sidepages_count": "1", "cap_linekey_count": "34",
    }  # fmt: skip


def test_there_are_four_models():
    names = {LIBRARY.models[model].name for model in MODELS}
    assert names == {"Nethesis NP-X3", "Nethesis NP-V61", "Nethesis NP-X5", "Nethesis NP-X210"}
    assert shipped_variables(LIBRARY.models["nethesis-NPX3"])["brightness"] == ""


# Finding a phone


def test_a_nethphone_is_found_by_its_file():
    match = LIBRARY.route("E0E656010203.cfg")
    assert (match.rule.vendor, match.rule.role) == ("nethesis", "phone")
    assert match.mac == MacAddress.parse("e0e656010203")


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("nethesis_np_x3_hwv1_0.txt", "tmpl_firmware"),
        ("nethesis_np_x5_hwv1_0.txt", "tmpl_firmware"),
        ("nethesis_np_x5_hwv2_0.txt", "tmpl_firmware_v2"),
    ],
)
def test_the_file_asked_for_tells_the_generation(name, template):
    rule = LIBRARY.route(name, vendor="nethesis").rule
    assert (rule.role, rule.template_variable) == ("firmware", template)
    assert rule.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("hardware", ["NP-X3", "NP-X5", "NP-X210", "NP-V61"])
def test_the_user_agent_tells_hardware_firmware_and_address(hardware):
    device = identify(f"Nethesis {hardware} 2.12.15.1.23 e0e656010203", LIBRARY.user_agents)
    assert (device.vendor, device.model) == ("nethesis", hardware)
    assert (device.version, device.mac) == ("2.12.15.1.23", MacAddress.parse("e0e656010203"))


# Firmware


@pytest.mark.parametrize("model", ["nethesis-NPX3", NPX5])
def test_without_a_chosen_file_the_phone_looks_for_firmware(model):
    file = rendered(model)
    assert (file["Enable Auto Upgrade"], file["Upgrade Server 1"]) == ("1", ADDRESS)
    assert file["Auto Image Url"] == ""
    chosen = rendered(model, {"firmware_file": "f.z"})
    assert (chosen["Enable Auto Upgrade"], chosen["Upgrade Server 1"]) == ("0", "")
    assert chosen["Auto Image Url"] == f"{ADDRESS}/firmware/f.z"


@pytest.mark.parametrize("model", ["nethesis-NPV61", "nethesis-NPX210"])
def test_models_without_a_descriptor_are_not_sent_looking_for_one(model):
    """They were, and got 404 (seen in Tancredi)."""
    assert rendered(model)["Enable Auto Upgrade"] == "0"


@pytest.mark.parametrize("image", IMAGES)
def test_a_descriptor_offers_the_chosen_file(image):
    version, built = IMAGES[image]
    lines = [f"Version={version}", f"Firmware={ADDRESS}/firmware/{image}", f"BuildTime={built}"]
    for template, info in (("tmpl_firmware", ["Info=TXT|XML"]), ("tmpl_firmware_v2", [])):
        body = render(NPX5, {"firmware_file": image}, user_agent=NP_X5, template=template)
        assert body == "\n".join([*lines, *info, ""])


def test_a_file_that_names_no_version_is_offered_under_its_own_name():
    body = render(NPX5, {"firmware_file": "new.z"}, user_agent=NP_X5, template="tmpl_firmware")
    assert body.startswith(f"Version=new\nFirmware={ADDRESS}/firmware/new.z\nBuildTime=\n")


@pytest.mark.parametrize("template", ["tmpl_firmware", "tmpl_firmware_v2"])
def test_without_a_chosen_file_there_is_nothing_newer(template):
    body = render(NPX5, user_agent=NP_X5, template=template)
    assert body.startswith("Version=2.4.12.7\nFirmware=\n")


@pytest.mark.parametrize("agent", ["", "curl/8.5.0", "Nethesis NP-X3 2.4.1 e0e656010203"])
def test_other_devices_are_offered_no_image(agent):
    """An image for other hardware could make a phone useless."""
    image = next(iter(IMAGES))
    assert render(NPX5, {"firmware_file": image}, user_agent=agent, template="tmpl_firmware") == ""


def test_line_keys_fill_the_side_pages_first():
    file = rendered("nethesis-NPX210")
    assert (file["SideKey Page Num"], file["FuncKey Page Num"]) == ("1", "3")
    pages = {key.partition("/")[0] for key in file if re.match("Sidekey|Dsskey", key)}
    assert pages == {"Sidekey Config1", "Dsskey Config1", "Dsskey Config2", "Dsskey Config3"}
