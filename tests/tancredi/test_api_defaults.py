"""Defaults and vendor prefixes of Tancredi's API."""

import re

import pytest

from provisioning.store import scopes as stored

SHIPPED = {
    "cap_ldap_tls_blacklist": "starttls", "tmpl_phone": "fallback.tmpl",
    "provisioning_url_scheme": "https", "provisioning_url_filename": "",
    "provisioning_freq": "everyday", "sip_tls_port": "5061", "sip_udp_port": "5060",
    "ringtone": "1", "timezone": "UTC", "tonezone": "us", "language": "en",
    "ntp_server": "pool.ntp.org", "call_waiting_tone": "1", "date_format": "DD MM YY",
    "time_format": "24", "dss_transfer": "attended", "ldap_server": "", "ldap_port": "389",
    "ldap_tls": "none", "ldap_user": "", "ldap_password": "", "ldap_base": "dc=phonebook",
    "ldap_name_display": "%cn %o", "ldap_mainphone_number_attr": "telephoneNumber",
    "ldap_mobilephone_number_attr": "mobile", "ldap_otherphone_number_attr": "homePhone",
    "ldap_name_attr": "cn o",
    "ldap_number_filter": "(|(telephoneNumber=%)(mobile=%)(homePhone=%))",
    "ldap_name_filter": "(|(cn=%)(o=%))", "vlan_id_phone": "", "vlan_id_pcport": "",
    "cap_ringtone_count": "1", "cap_ringtone_blacklist": "-1,0", "background_file": "",
    "screensaver_file": "", "cap_background_file": "", "cap_screensaver_file": "",
    "screensaver_time": "600", "backlight_time": "30", "cap_brightness": "", "cap_contrast": "",
    "brightness": "5", "contrast": "5", "cap_screensaver_time_blacklist": "",
    "cap_backlight_time_blacklist": "",
}  # fmt: skip


def test_the_defaults_are_tancredis_and_passwords_of_this_site(api):
    defaults = api.document("/defaults")
    # A fresh site makes the passwords of its phones up; Tancredi left the vendors' own.
    passwords = {name: defaults.pop(name) for name in ("adminpw", "userpw")}
    assert all(passwords.values())
    assert defaults == SHIPPED
    assert list(defaults) == list(SHIPPED)


def test_defaults_are_set_emptied_and_unset(api, is_bare):
    before = api.document("/defaults")
    change = {"language": "it", "ntp_server": "", "timezone": None, "new": 7, "never": None}
    is_bare(api.call("PATCH", "/defaults", change), 204)
    after = {**before, "language": "it", "ntp_server": "", "new": "7"}
    del after["timezone"]
    assert api.document("/defaults") == after
    assert stored.defaults_differences() == {
        "adminpw": before["adminpw"],
        "userpw": before["userpw"],
        "language": "it",
        "ntp_server": "",
        "new": "7",
        "timezone": None,
    }


def test_an_unset_default_comes_back_when_set_again(api):
    api.call("PATCH", "/defaults", {"timezone": None})
    api.call("PATCH", "/defaults", {"timezone": "UTC"})
    assert api.document("/defaults")["timezone"] == "UTC"
    assert "timezone" not in stored.defaults_differences()


def test_nothing_is_read_only_in_the_defaults(api, is_bare):
    change = {"mac": "x", "tok2": "x", "display_name": "x", "name": "x", "variables": "x"}
    is_bare(api.call("PATCH", "/defaults", change), 204)
    assert {name: api.document("/defaults")[name] for name in change} == change


def test_no_change_of_the_defaults_is_a_change(api, is_bare):
    before = api.call("GET", "/defaults").data
    is_bare(api.call("PATCH", "/defaults", {}), 204)
    assert api.call("GET", "/defaults").data == before


def test_the_defaults_cannot_be_deleted(api, not_found):
    assert api.call("DELETE", "/defaults").status_code == 405
    not_found(api.call("DELETE", "/models/defaults"))
    not_found(api.call("DELETE", "/phones/defaults"))


@pytest.mark.parametrize(
    ("prefix", "vendor"),
    [
        ("00A859", "fanvil"), ("0C383E", "fanvil"), ("7C2F80", "gigaset"), ("589EC6", "gigaset"),
        ("005058", "sangoma"), ("000413", "snom"), ("001565", "yealink"), ("805E0C", "yealink"),
        ("805EC0", "yealink"), ("E0E656", "nethesis"), ("0C1105", "akuvox"),
    ],
)  # fmt: skip
def test_vendors_are_known_by_their_prefixes(api, prefix, vendor):
    assert api.document("/macvendors")[prefix] == vendor


def test_prefixes_are_six_digits_in_capitals(api):
    assert all(re.fullmatch("[0-9A-F]{6}", prefix) for prefix in api.document("/macvendors"))
