"""A request without a token: whoever guesses a MAC address learns no secret.

Tancredi gave out the permanent token, and with it SIP passwords.
"""

import pytest
from served import ACCOUNT, INTERNET, LAN, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import defaults, phones
from provisioning.web.callers import parse_networks

FILE = f"{YEALINK.bare}.cfg"
SECRETS = {
    **ACCOUNT,
    "account_voicemail_1": "voicemail-201",
    "account_password_2": "sip-secret-2",
    "ldap_server": "ldap.example.org",
    "ldap_user": "cn=ldap-user",
    "ldap_password": "ldap-secret",
    "ldap_base": "dc=example",
    "adminpw": "admin-secret",
    "userpw": "user-secret",
    "wifi_password": "custom-secret",
    "door_pw": "custom-pw",
}
PRIVATE = [value for name, value in SECRETS.items() if name not in ("ldap_server", "ldap_base")]

VENDORS = {
    "yealink": ("yealink-T46", "00-15-65-AA-BB-01", "{}.cfg"),
    "snom": ("snom-D785", "00-04-13-AA-BB-01", "{}.xml"),
    "snom D8": ("snom-D865", "00-04-13-AA-BB-02", "{}.xml"),
    "gigaset Maxwell": ("gigaset-Maxwell3", "7C-2F-80-00-00-01", "{}.xml"),
    "gigaset P": ("gigaset-P850", "00-AC-DC-E3-00-01", "{}.xml"),
    "sangoma": ("sangoma-S500", "00-50-58-00-00-01", "cfg{}.xml"),
    "fanvil": ("fanvil-X5", "0C-38-3E-00-00-01", "{}.cfg"),
    "nethesis": ("nethesis-NPX5", "E0-E6-56-00-00-01", "{}.cfg"),
    "akuvox": ("akuvox-WP480", "0C-11-05-00-00-01", "{}.cfg"),
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_secret_is_told_to_whoever_knows_an_address(served: Served, vendor):
    model, address, pattern = VENDORS[vendor]
    mac = MacAddress.parse(address)
    assert model in served.site.library.models
    # Also what the defaults and the model hold.
    defaults.change(served.site, {"adminpw": "default-admin", "ldap_password": "x-ldap"}, by="t")
    phone = served.register(mac, model, SECRETS)

    answer = served.ask(pattern.format(mac.bare))

    assert answer.status_code == 200
    for secret in [*PRIVATE, "default-admin", "x-ldap", phone.tok2]:
        assert secret not in answer.text
    with_token = served.ask(f"{phone.tok2}/{pattern.format(mac.bare)}").text
    assert "sip-secret-201" in with_token
    assert phone.tok2 in with_token


def test_a_phone_without_a_token_is_sent_to_its_first_access(served: Served):
    phone = served.register()

    body = served.ask(FILE).text

    assert phone.provisioning_url1 in body
    assert f"https://pbx.example.org/provisioning/{phone.tok1}" == phone.provisioning_url1


@pytest.mark.parametrize("vendor", VENDORS)
def test_once_the_first_access_has_ended_no_address_is_written(served: Served, vendor):
    """A hole in the address would send the phone nowhere (seen in Tancredi)."""
    model, address, pattern = VENDORS[vendor]
    mac = MacAddress.parse(address)
    phone = served.register(mac, model)
    served.ask(f"{phone.tok2}/{pattern.format(mac.bare)}")

    answer = served.ask(pattern.format(mac.bare))

    assert answer.status_code == 200
    assert phone.tok2 not in answer.text
    assert phone.tok1 not in answer.text
    assert "/provisioning//" not in answer.text
    assert "None" not in answer.text


def test_asking_without_a_token_consumes_nothing(served: Served):
    phone = served.register()

    served.ask(FILE)

    found = phones.get(served.site, YEALINK)
    assert (found.tok1, found.tok2) == (phone.tok1, phone.tok2)


def test_without_a_token_only_private_networks_are_answered(served: Served):
    served.register()

    for address in (LAN, "10.1.2.3", "172.16.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1"):
        assert served.ask(FILE, address=address).status_code == 200
    for address in (INTERNET, "2001:db8::1", "172.32.0.1", "", "not-an-address"):
        answer = served.ask(FILE, address=address)
        assert (answer.status_code, answer.data) == (404, b"")


def test_what_the_local_network_was_answered_is_not_given_to_the_internet(served: Served):
    """An answer kept in memory must not skip the check of the caller."""
    served.register()
    assert served.ask(FILE, address=LAN).status_code == 200

    assert served.ask(FILE, address=INTERNET).status_code == 404


def test_a_refused_caller_cannot_tell_which_phones_are_registered(served: Served):
    served.register()

    known = served.ask(FILE, address=INTERNET)
    unknown = served.ask("001565aabb99.cfg", address=INTERNET)
    nonsense = served.ask("nothing.txt", address=INTERNET)

    assert known.status_code == unknown.status_code == nonsense.status_code == 404
    assert list(known.headers) == list(unknown.headers) == list(nonsense.headers)
    assert known.data == unknown.data == nonsense.data == b""


def test_the_admin_sees_who_was_refused_and_why(served: Served):
    served.register()

    served.ask(FILE, address=INTERNET)

    request = served.last_request()
    assert (request.outcome, request.phone, request.address) == ("refused", str(YEALINK), INTERNET)
    assert "PROVISIONING_TOKENLESS_NETWORKS" in request.reason


def test_a_token_opens_from_everywhere(served: Served):
    phone = served.register()

    assert served.ask(f"{phone.tok1}/{FILE}", address=INTERNET).status_code == 200


def test_the_networks_are_a_setting_and_may_be_none(start):
    served = start(tokenless_networks=parse_networks("203.0.113.0/24"))
    served.register()
    assert served.ask(FILE, address=INTERNET).status_code == 200
    assert served.ask(FILE, address=LAN).status_code == 404

    switched_off = start(tokenless_networks=())
    assert switched_off.ask(FILE, address="127.0.0.1").status_code == 404


@pytest.mark.parametrize(
    ("peer", "headers", "answered"),
    [
        # Traefik on this machine, configured as a trusted proxy.
        ("127.0.0.1", {"X-Forwarded-For": LAN}, True),
        ("127.0.0.1", {"X-Forwarded-For": INTERNET}, False),
        ("127.0.0.1", {"X-Forwarded-For": f"{LAN}, {INTERNET}"}, False),  # the client wrote the LAN
        ("127.0.0.1", {"X-Forwarded-For": INTERNET, "Forwarded": f"for={LAN}"}, False),
        ("127.0.0.1", {"X-Forwarded-For": INTERNET, "X-Real-Ip": LAN}, False),
        ("127.0.0.1", {"Forwarded": f"for={LAN}"}, True),
        # A proxy nobody configured: its own address does not help its clients.
        ("10.0.0.9", {"X-Forwarded-For": INTERNET}, False),
        ("10.0.0.9", {"X-Forwarded-For": LAN}, True),
        # A client on the internet that claims to be a proxy.
        (INTERNET, {"X-Forwarded-For": LAN}, False),
    ],
)
def test_behind_a_proxy_the_client_decides(start, peer, headers, answered):
    """NethVoice's filter saw the proxy, which was local, and let everybody in."""
    served = start(trusted_proxies=parse_networks("127.0.0.1"))
    served.register()

    answer = served.ask(FILE, address=peer, headers=headers)

    assert (answer.status_code == 200) == answered
