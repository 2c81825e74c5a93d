"""Values that prevented a configuration in Tancredi: none does."""

import pytest
from served import ACCOUNT, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import configurations, phones

MODELS = {
    "yealink-T46": ("00-15-65-00-00-01", "{}.cfg"),
    "yealink-T19": ("00-15-65-00-00-02", "{}.cfg"),
    "yealink-T27": ("00-15-65-00-00-03", "{}.cfg"),
    "yealink-AX83": ("00-15-65-00-00-04", "{}.cfg"),
    "snom-D785": ("00-04-13-00-00-01", "{}.xml"),
    "snom-D865": ("00-04-13-00-00-02", "{}.xml"),
    "gigaset-Maxwell3": ("7C-2F-80-00-00-01", "{}.xml"),
    "gigaset-MaxwellBasic": ("7C-2F-80-00-00-02", "{}.xml"),
    "gigaset-P850": ("00-AC-DC-E3-00-01", "{}.xml"),
    "sangoma-S500": ("00-50-58-00-00-01", "cfg{}.xml"),
    "fanvil-X5": ("0C-38-3E-00-00-01", "{}.cfg"),
    "nethesis-NPX5": ("E0-E6-56-00-00-01", "{}.cfg"),
    "akuvox-WP480": ("0C-11-05-00-00-01", "{}.cfg"),
}

NUMBERS = (
    "brightness", "contrast", "backlight_time", "screensaver_time", "cap_expkey_count",
    "cap_expmodule_count", "cap_linekey_count", "cap_softkey_count", "cap_ringtone_count",
    "fanvil_sidekey_count", "nethesis_sidekey_count", "fanvil_lkpages_count",
    "nethesis_lkpages_count", "fanvil_sidepages_count", "nethesis_sidepages_count",
    "vlan_id_phone", "vlan_id_pcport", "ldap_port", "sip_udp_port", "sip_tls_port", "cftimeout",
    "account_cftimeout_1", "outbound_proxy_port_1", "outbound_proxy2_port_1", "ringtone",
)  # fmt: skip
WORDS = (
    "timezone", "language", "tonezone", "ldap_tls", "dss_transfer", "date_format", "time_format",
    "account_dtmf_type_1", "provisioning_freq", "softkey_type_1", "linekey_type_1",
    "provisioning_url_scheme", "ntp_server",
)  # fmt: skip
NO_NUMBERS = ("text", "", "-1", "99999999999999999999")
NO_WORDS = ("<&>\"'", "")


@pytest.fixture(params=MODELS)
def phone(request, served: Served):
    """A phone of each family of templates, set up to use what the numbers are for."""
    address, pattern = MODELS[request.param]
    mac = MacAddress.parse(address)
    registered = served.register(
        mac,
        request.param,
        {
            **ACCOUNT,
            "outbound_proxy_1": "proxy.example.org",
            "outbound_proxy2_1": "proxy2.example.org",
            "account_timeout_fwd_target_1": "0",
            "ldap_server": "ldap.example.org",
            "cap_contrast": "1",
            "cap_brightness": "1",
        },
    )
    return registered, pattern.format(mac.bare)


def test_no_single_value_prevents_a_configuration(served: Served, phone):
    """A time zone nobody knows stopped phones after their first successful day."""
    registered, file = phone
    odd = [(name, value) for name in NUMBERS for value in NO_NUMBERS]
    odd += [(name, value) for name in WORDS for value in NO_WORDS]
    refused, last = [], "none"
    for name, value in odd:
        change = {last: None, name: value}
        phones.change(served.site, registered.mac, variables=change, by="tests")
        last = name
        answer = served.ask(f"{registered.tok2}/{file}")
        if answer.status_code != 200 or not answer.data:
            refused.append((name, value, served.last_request().reason))

    assert refused == []


def test_all_odd_values_together_do_not_prevent_one_either(served: Served, phone):
    registered, file = phone
    for value in ("text", "", "-1", "99999999999999999999"):
        odd = dict.fromkeys((*NUMBERS, *WORDS), value)
        phones.change(served.site, registered.mac, variables=odd, by="tests")

        for path in (f"{registered.tok1}/{file}", f"{registered.tok2}/{file}", file):
            answer = served.ask(path)
            if answer.status_code != 404:  # the first access ends with the second request
                assert (answer.status_code, bool(answer.data)) == (200, True)


def test_what_was_replaced_is_told_to_the_admin(served: Served, phone):
    registered, _ = phone
    odd = {"timezone": "Mars/Olympus", "brightness": "text", "vlan_id_phone": "5000"}
    phones.change(served.site, registered.mac, variables=odd, by="tests")

    replaced = configurations.preview(served.site, registered.mac, None).replaced

    assert {("timezone", "Mars/Olympus", "UTC"), ("vlan_id_phone", "5000", "")} <= set(replaced)
    assert "brightness" in {name for name, _, _ in replaced}


@pytest.mark.parametrize("count", ["0", "", "text"])
def test_no_keys_means_none_and_not_key_zero(served: Served, count):
    """Loops ran for keys 1 and 0 (seen in Tancredi)."""
    registered = served.register(variables={**ACCOUNT, "cap_linekey_count": count})

    body = served.ask(f"{registered.tok2}/{registered.mac.bare}.cfg").text

    assert "linekey.0." not in body
    assert "linekey.1.type" not in body
