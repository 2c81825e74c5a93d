"""What may be entered for a gateway: every mistake is told at once, with what is allowed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_entries import EVERY_MODEL, LIBRARY, ZONES, configured, entry, port
from provisioning.engine.gateways.checking import GatewayRefused, check, configure
from provisioning.engine.gateways.concerns import concerns
from provisioning.engine.gateways.entry import PortEntry

BRI, FXO, HT801, HT802, HT812 = (
    "patton-trinity-bri-2", "patton-trinity-fxo-2", "grandstream-ht801", "grandstream-ht802",
    "grandstream-ht812",
)  # fmt: skip
HOSTILE = (
    'a"b', "a'b", "a b", "a\nb", "a\r\nb", "a\x00", "a!b", "a#b", "a;b", "a|b", "a\\b", "$(a)",
    "{{7*7}}", "<P2>x</P2>", "]]>", "&amp;", "a\u2028b", "\u0661\u0662", "x" * 1000, "-x",
    "a\x1b[2J",
)  # fmt: skip


def wrong(model: str = FXO, **changes) -> dict[str, str]:
    """The fields that are refused, with what is allowed."""
    return {e.name: e.allowed for e in check(entry(model, **changes), LIBRARY, ZONES)}


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_a_gateway_with_all_its_ports_is_right(model):
    assert wrong(model) == {}
    assert len(configured(model).ports) == LIBRARY.models[model].ports


def test_all_mistakes_are_told_at_once_and_nothing_is_made():
    bad = entry(FXO, name="", mac="x", address="1", netmask="x", router="", pbx_host="a b",
                proxy="sip:1.2.3.4:5060", timezone="Rome", country="xx", transport="tcp",
                shell="rsh", admin_password="short", dns=("a",), ntp=("b",),
                ports=(port(FXO, 1, line_number="x", secret=""),))  # fmt: skip

    with pytest.raises(GatewayRefused) as refused:
        configure(bad, LIBRARY, ZONES)

    assert refused.value.errors == check(bad, LIBRARY, ZONES)
    assert [error.name for error in refused.value.errors] == [
        "name", "mac", "address", "netmask", "router", "dns/0", "ntp/0", "timezone", "transport",
        "pbx_host", "proxy", "admin_password", "country", "shell", "ports/0/line_number",
        "ports/0/secret",
    ]  # fmt: skip
    assert all(error.detail.endswith(".") and error.allowed for error in refused.value.errors)


def test_an_unknown_model_is_told_with_those_there_are():
    [error] = check(replace(entry(FXO), model="gxw4216"), LIBRARY, ZONES)
    assert error.name == "model"
    assert "patton-trinity-fxo-8" in error.allowed


@pytest.mark.parametrize("name", ["Cellar 2.1_a-b", "x", "9" + "x" * 62])
def test_names_that_are_right(name):
    assert wrong(name=name) == {}


@pytest.mark.parametrize("name", ["", " x", "-x", "x" * 64, "../etc", "x/y", "Küche"])
def test_names_that_are_wrong(name):
    assert set(wrong(name=name)) == {"name"}


@pytest.mark.parametrize("mac", ["00a0ba11a2b3", "00-A0-BA-11-A2-B3", "00a0.ba11.a2b3"])
def test_any_notation_of_an_address_is_read(mac):
    assert configured(FXO, mac=mac).device.mac.bare == "00a0ba11a2b3"


@pytest.mark.parametrize("mac", ["", "00:00:00:00:00:00", "01:00:5e:00:00:01", "ff" * 6, "00:a0"])
def test_addresses_of_no_device_are_wrong(mac):
    assert set(wrong(mac=mac)) == {"mac"}


def test_only_a_gateway_with_two_addresses_has_a_second_one():
    """The LAN address is on the label, the WAN port is configured (NethVoice's manual)."""
    assert wrong(HT812, wan_mac="C0:74:AD:0B:1C:2E") == {}
    assert len(configured(HT812, wan_mac="C0:74:AD:0B:1C:2E").device.macs) == 2
    assert set(wrong(HT812, wan_mac="C0:74:AD:0B:1C:2D")) == {"wan_mac"}
    assert wrong(HT801, wan_mac="C0:74:AD:0B:1C:2E") == {"wan_mac": "nothing"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"address": "192.168.5.0"}, {"address"}),
        ({"address": "192.168.5.255"}, {"address"}),
        ({"address": "192.168.5.1"}, {"router"}),
        ({"address": "224.0.0.1"}, {"address"}),
        ({"address": "127.0.0.1"}, {"address"}),
        ({"address": "0.0.0.0"}, {"address"}),
        ({"address": "255.255.255.255"}, {"address"}),
        ({"address": "192.168.5.041"}, {"address"}),
        ({"address": "fe80::1"}, {"address"}),
        ({"router": "192.168.6.1"}, {"router"}),
        ({"router": "192.168.5.255"}, {"router"}),
        ({"netmask": "255.0.255.0"}, {"netmask"}),
        ({"netmask": "0.0.0.255"}, {"netmask"}),
        ({"netmask": "/7"}, {"netmask"}),
        ({"netmask": "31"}, {"netmask"}),
        ({"netmask": "255.255.255.255"}, {"netmask"}),
        ({"pbx_host": "192.168.5.41"}, {"address"}),
        ({"proxy": "192.168.5.41"}, {"address"}),
        ({"current_address": "dhcp"}, {"current_address"}),
    ],
)
def test_addresses_must_make_a_network(changes, fields):
    assert set(wrong(**changes)) <= fields
    assert wrong(**changes)


@pytest.mark.parametrize("netmask", ["255.255.255.0", "24", "/24"])
def test_a_mask_may_be_written_as_a_length(netmask):
    device = configured(FXO, netmask=netmask).device
    assert (str(device.netmask), device.network.prefixlen) == ("255.255.255.0", 24)


@pytest.mark.parametrize("field", ["pbx_host", "proxy"])
@pytest.mark.parametrize(
    "host",
    ["", "pbx", "sip:pbx.example.org", "pbx.example.org:5060", "10.0.0.256", "1.2.3", "a..b",
     "-a.example.org", "under_score.example.org", "pbx.example.org;lr", "x" * 64 + ".org"],
)  # fmt: skip
def test_hosts_have_no_scheme_and_no_port(field, host):
    """Migrated values like sip:<ip>:<port> gave a double port (seen in NethVoice)."""
    assert set(wrong(**{field: host})) == {field}


def test_names_need_a_name_server():
    hosts = {"pbx_host": "192.168.5.2", "proxy": "192.168.5.2", "ntp": ("192.168.5.2",)}

    assert wrong(dns=(), **hosts) == {}
    assert set(wrong(dns=())) == {"dns"}
    assert set(wrong(dns=(), **hosts | {"ntp": ("ntp.example.org",)})) == {"dns"}
    url = "https://pbx.example.org/p"
    assert set(wrong(HT801, dns=(), provisioning_url=url, **hosts)) == {"dns"}


def test_there_are_three_servers_of_a_kind_at_most():
    assert wrong(dns=("192.168.5.2",) * 4, ntp=("192.168.5.2",) * 4) == {
        "dns": "at most 3", "ntp": "at most 3",
    }  # fmt: skip


def test_a_time_zone_must_fit_into_the_gateway():
    """A rule may have 32 characters on a GXW (Grandstream's template)."""
    assert set(wrong(HT801, timezone="Pacific/Chatham")) == {"timezone"}
    assert wrong(FXO, timezone="Pacific/Chatham") == {}


def test_what_a_brand_cannot_do_is_refused():
    assert set(wrong(FXO, verify_certificates=True)) == {"verify_certificates"}
    assert set(wrong(FXO, user_password="Secret123")) == {"user_password"}
    assert set(wrong(FXO, provisioning_url="https://pbx.example.org/p")) == {"provisioning_url"}
    assert wrong(HT801, verify_certificates=True, user_password="Secret123") == {}


@pytest.mark.parametrize(
    "url",
    ["pbx.example.org/p", "ftp://pbx.example.org/p", "https://pbx.example.org/a b",
     "https://pbx.example.org/p?x=1", "https://user@pbx.example.org/p", "https://pbx/p"],
)  # fmt: skip
def test_provisioning_urls_that_are_wrong(url):
    [error] = check(entry(HT801, provisioning_url=url), LIBRARY, ZONES)
    assert error.name == "provisioning_url"
    assert url not in error.detail  # its path may be a token


@pytest.mark.parametrize("password", ["short", "x" * 26, "with blank", "quote'12", "Küche1234"])
def test_passwords_are_letters_and_digits_and_never_repeated(password):
    [error] = check(entry(FXO, admin_password=password), LIBRARY, ZONES)
    assert error.name == "admin_password"
    assert password not in error.detail + error.allowed


def test_each_port_is_there_once_and_belongs_to_the_model():
    ports = (port(FXO, 1), port(FXO, 1), port(FXO, 3), port(FXO, 0))

    assert wrong(ports=ports) == {
        "ports/1/number": "each port once", "ports/2/number": "1 to 2",
        "ports/3/number": "1 to 2",
    }  # fmt: skip


def test_two_ports_never_share_an_account():
    ports = (port(FXO, 1), port(FXO, 2, trunk_name="Patton_11a2b3_fxo_0", trunk_number="20001"))
    assert set(wrong(ports=ports)) == {"ports/1/trunk_name", "ports/1/trunk_number"}

    phones = (port(HT802, 1), port(HT802, 2, extension="201"))
    assert set(wrong(HT802, ports=phones)) == {"ports/1/extension"}


@pytest.mark.parametrize(
    ("model", "changes", "fields"),
    [
        (BRI, {"protocol": ""}, {"protocol"}),
        (BRI, {"protocol": "ppp"}, {"protocol"}),
        (BRI, {"line_number": "123"}, {"line_number"}),
        (FXO, {"protocol": "pp"}, {"protocol"}),
        (FXO, {"line_number": ""}, {"line_number"}),
        (FXO, {"line_number": "1" * 21}, {"line_number"}),
        (FXO, {"line_number": "0721 123"}, {"line_number"}),
        (FXO, {"trunk_name": "Patton"}, {"trunk_name"}),
        (FXO, {"trunk_number": "2001"}, {"trunk_number"}),
        (FXO, {"trunk_number": "200001"}, {"trunk_number"}),
        (FXO, {"trunk_number": "20000"}, {"trunk_number"}),
        (FXO, {"secret": "x" * 19}, {"secret"}),
        (FXO, {"secret": "x" * 65}, {"secret"}),
        (FXO, {"extension": "201"}, {"extension"}),
        (HT801, {"extension": "2"}, {"extension"}),
        (HT801, {"extension": "20a"}, {"extension"}),
        (HT801, {"secret": "x" * 5}, {"secret"}),
        (HT801, {"secret": "with blank"}, {"secret"}),
        (HT801, {"trunk_number": "20001"}, {"trunk_number"}),
        (HT801, {"display_name": "x" * 61}, {"display_name"}),
        (HT801, {"display_name": "two\nlines"}, {"display_name"}),
    ],
)
def test_ports_that_are_wrong(model, changes, fields):
    errors = check(entry(model, ports=(port(model, 1, **changes),)), LIBRARY, ZONES)

    assert {error.name for error in errors} == {f"ports/0/{field}" for field in fields}
    assert not any(changes.get("secret", "\0") in error.detail for error in errors)


def test_a_line_number_may_begin_with_a_plus():
    assert wrong(ports=(port(FXO, 1, line_number="+390721405516"),)) == {}


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_a_port_without_entry_is_free(model):
    ports = configured(model, ports=()).ports

    assert [p.n for p in ports] == list(range(1, LIBRARY.models[model].ports + 1))
    assert not any(p.enabled or p.secret or p.trunk_name or p.extension for p in ports)


def test_a_port_that_is_switched_off_may_hold_anything():
    off = PortEntry(1, enabled=False, line_number="x", secret="x", extension="y")
    [first, _] = configured(FXO, ports=(off,)).ports

    assert not first.enabled
    assert first.secret == ""


@given(text=st.text(max_size=80) | st.sampled_from(HOSTILE))
def test_no_text_gets_into_a_script_but_harmless_words(text):
    """A line break in a number wrote commands of its own (seen in NethVoice)."""
    fields = ("line_number", "trunk_name", "trunk_number", "secret")
    for field in fields:
        ports = (port(FXO, 1, **{field: text}),)
        if not check(entry(FXO, ports=ports), LIBRARY, ZONES):
            assert text.isascii()
            assert text.replace("_", "").replace("+", "").isalnum()
    for field in ("pbx_host", "proxy"):
        if field not in wrong(**{field: text}):
            assert text.isascii()
            assert text.replace(".", "").replace("-", "").isalnum()


def test_concerns_do_not_stop_a_gateway_but_are_told():
    assert list(concerns(configured(HT801))) == []
    assert set(concerns(configured(FXO))) == {"model_not_verified"}
    risky = configured(
        HT801, mac="00:15:65:00:00:01", transport="udp", pbx_host="192.168.5.2", country="de",
        shell="telnet", admin_password="",
    )  # fmt: skip
    assert set(concerns(risky)) == {
        "mac_of_other_brand", "not_encrypted", "password_unchanged", "pbx_is_address",
        "telnet_open", "country_not_verified",
    }  # fmt: skip
