"""The files of gateways: complete, minimal, and safe against whatever is written into them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway_entries import (
    EVERY_MODEL,
    LIBRARY,
    RENDERER,
    ZONES,
    configured,
    entry,
    port,
    rendered,
    script_lines,
    values_of,
)
from provisioning.engine.gateways.brand_files import load_gateways
from provisioning.engine.gateways.checking import check
from provisioning.engine.gateways.parameters import NotTypable, Parameter, check_typable, parse
from provisioning.engine.gateways.rendering import (
    GatewayRenderer,
    download_name,
    fetched_names,
    main_file,
)
from provisioning.engine.gateways.scripts import lines_of
from provisioning.engine.rendering import RenderingError

PATTON = [m for m in EVERY_MODEL if m.startswith("patton")]
GRANDSTREAM = [m for m in EVERY_MODEL if m.startswith("grandstream")]
TRANSPORTS = ("udp", "tls")
# Words of NethVoice's templates that were replaced, or should have been.
LEFTOVER = re.compile(
    r"\{\{|\{%|\bNone\b|Undefined|<built-in|\b[A-Z]{2,}_(?:IP|MAC|HOST|ADDRESS)\b"
)


def script(model: str, **changes) -> str:
    return rendered(model, "script", **changes)


def lines(model: str, **changes) -> set[tuple[str, ...]]:
    """All commands of a script with their blocks."""
    return set(lines_of(script(model, **changes)))


def parameters(model: str, **changes) -> dict[int, str]:
    return values_of(rendered(model, "text", **changes))


def xml(model: str, **changes) -> etree._Element:
    return etree.fromstring(rendered(model, "xml", **changes).encode())


# Every model


@pytest.mark.parametrize(("model", "transport"), list(product(EVERY_MODEL, TRANSPORTS)))
def test_every_model_renders_with_every_transport(model, transport):
    for kind in LIBRARY.brand_of(LIBRARY.models[model]).files:
        text = rendered(model, kind, transport=transport)

        assert text.endswith("\n")
        assert not LEFTOVER.search(text)
        assert text.isprintable() or set(text) - set(filter(str.isprintable, text)) == {"\n"}


@pytest.mark.parametrize(
    ("model", "protocol", "transport"),
    [
        (model, protocol, transport)
        for model, transport in product(PATTON, TRANSPORTS)
        for protocol in LIBRARY.models[model].line.protocols
    ],
)
def test_every_port_of_a_basic_rate_model_renders_with_every_protocol(model, protocol, transport):
    """Another protocol than point-to-point left its placeholder in the file (NethVoice)."""
    count = LIBRARY.models[model].ports
    ports = tuple(port(model, number, protocol=protocol) for number in range(1, count + 1))
    text = rendered(model, "script", ports=ports, transport=transport)

    assert script_lines(text).count(f"protocol {protocol}") == count
    assert not LEFTOVER.search(text)


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_every_model_renders_with_no_port_in_use_and_the_least_that_must_be_known(model):
    """A Grandstream box without ports got no address at all (seen in NethVoice)."""
    bare = {"ports": (), "ntp": (), "admin_password": "", "dns": (), "pbx_host": "192.168.5.2",
            "proxy": "192.168.5.2"}  # fmt: skip
    text = rendered(model, **bare)

    assert "192.168.5.41" in text or values_of(text)[12] == "41"
    assert not LEFTOVER.search(text)


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_every_country_and_some_time_zones_render(model):
    brand = LIBRARY.brand_of(LIBRARY.models[model])
    for country in brand.countries:
        rendered(model, country=country)
    for zone in ("America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe", "Africa/Cairo"):
        changes = {"timezone": zone}
        if not check(entry(model, **changes), LIBRARY, ZONES):
            rendered(model, **changes)


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_the_same_input_gives_the_same_bytes(model):
    kind = main_file(LIBRARY.brand_of(LIBRARY.models[model])).kind
    again = GatewayRenderer(LIBRARY)

    assert again.render(configured(model), kind) == RENDERER.render(configured(model), kind)


@pytest.mark.parametrize("model", EVERY_MODEL)
def test_no_secret_of_one_port_stands_in_the_block_of_another(model):
    gateway = configured(model)
    text = rendered(model)

    for found in gateway.ports:
        assert text.count(found.secret) == 1


# Patton: what holds for every port


@pytest.mark.parametrize(("model", "transport"), list(product(PATTON, TRANSPORTS)))
def test_every_name_that_is_referred_to_exists_and_ports_do_not_mix(model, transport):
    """FXO 8: port 8 was bound to the location service of port 4 (seen in NethVoice)."""
    found = lines(model, transport=transport)
    top = {line[0] for line in found}
    base = 5061 if transport == "tls" else 5060

    for i in range(LIBRARY.models[model].ports):
        gateway = f"context sip-gateway ASTERISK_0{i}"
        listening = f"tls {base + 2 * i}" if transport == "tls" else f"udp+tcp {base + 2 * i}"
        inner = f"interface IF_GW_SIP_TRAIN_0{i}"
        assert (gateway, f"bind location-service SER_LOC_0{i}") in found
        assert (gateway, inner, f"transport-protocol {listening}") in found
        assert (gateway, "no shutdown") in found
        assert {f"location-service SER_LOC_0{i}", f"authentication-service AUTH_SRV_{i}"} <= top
        sip = ("context cs SWITCH", f"interface sip IF_VOIP_ASTERISK_0{i}")
        assert (*sip, f"bind context sip-gateway ASTERISK_0{i}") in found
    bound = [line for line in found if line[-1].startswith("bind location-service")]
    assert len({line[-1] for line in bound}) == len(bound) == LIBRARY.models[model].ports


@pytest.mark.parametrize("model", PATTON)
def test_each_port_registers_once_as_its_own_trunk(model):
    found = lines(model)
    ports = configured(model).ports

    registrations = [line for line in found if line[-1].startswith("registrar ")]
    assert len(registrations) == len(ports)
    for p in ports:
        where = (f"location-service SER_LOC_0{p.i}", f"identity {p.trunk_name}")
        user = f"authenticate 1 authentication-service AUTH_SRV_{p.i} username {p.trunk_name}"
        assert (*where, "authentication outbound", user) in found
        assert (*where, "registration outbound", "proxy 1 proxy.example.org 5061") in found
        account = (f"authentication-service AUTH_SRV_{p.i}", f"username {p.trunk_name} "
                   f"password {p.secret}")  # fmt: skip
        assert account in found


@pytest.mark.parametrize("model", PATTON)
def test_a_call_reaches_its_port_by_the_number_of_its_trunk(model):
    """FXO files named a hunt group as an interface (seen in NethVoice)."""
    found = lines(model)
    services = {line[1].split()[-1] for line in found
                if len(line) == 2 and line[1].startswith("service hunt-group")}  # fmt: skip
    interfaces = {line[1].split()[-1] for line in found
                  if len(line) == 2 and re.match("interface (isdn|fxo) ", line[1])}  # fmt: skip

    targets = [line[-1].split() for line in found if "dest-service" in line[-1]]
    assert {words[3] for words in targets} == services
    assert {words[1] for words in targets} == {
        f"{p.trunk_number}.%" for p in configured(model).ports
    }  # fmt: skip
    members = [line for line in found if line[-1].startswith("route call 1 ")]
    assert {line[-1].split()[-1] for line in members} == interfaces
    assert len(members) == len(services) == LIBRARY.models[model].ports


@pytest.mark.parametrize("model", PATTON)
def test_every_port_tells_who_calls(model):
    """The caller's number was lost on FXO ports 2 to 4 (seen in NethVoice)."""
    told = [line for line in lines(model) if "identity-header" in line[-1]]
    assert len(told) == LIBRARY.models[model].ports


@pytest.mark.parametrize("model", PATTON)
def test_registrations_last_an_hour_on_every_line_type(model):
    """They lasted a minute on FXO (seen in NethVoice)."""
    lifetimes = {line[-1] for line in lines(model) if line[-1].startswith("lifetime")}
    assert lifetimes == {"lifetime 3600"}


@pytest.mark.parametrize("model", PATTON)
def test_remote_management_of_the_vendor_is_off_on_every_model(model):
    assert ("cwmp-client", "shutdown") in lines(model)


@pytest.mark.parametrize(("protocol", "permanent"), [("pp", True), ("pmp", False)])
def test_a_basic_rate_line_has_its_protocol_in_q921(protocol, permanent):
    model = "patton-trinity-bri-1"
    found = lines(model, ports=(port(model, 1, protocol=protocol),))

    assert ("port bri 0 0", "q921", f"protocol {protocol}") in found
    assert (("port bri 0 0", "q921", "permanent-layer2") in found) is permanent
    assert ("port bri 0 0", "q921", "q931", "protocol dss1") in found
    assert ("port bri 0 0", "q921", "q931", "max-calls 2") in found


def test_a_primary_rate_line_is_e1_and_has_no_protocol():
    found = lines("patton-trinity-pri-1")

    assert ("port e1t1 0 0", "port-type e1") in found
    assert ("port e1t1 0 0", "q921", "permanent-layer2") in found
    assert not [line for line in found if line[-1] in ("protocol pp", "protocol pmp")]
    assert ("system", "clock-source 1 e1t1 0 0") in found


def test_an_analogue_line_tells_its_own_number():
    found = lines("patton-trinity-fxo-2")

    assert ("port fxo 0 1", "subscriber-number 0721000002") in found
    assert ("port fxo 0 1", "bind interface SWITCH IF_FXO_1") in found


def test_the_tones_of_italy_hear_when_a_call_has_ended():
    """With a wrong busy cadence calls stay up."""
    found = lines("patton-trinity-fxo-2")

    busy = "profile call-progress-tone defaultBusytone"
    assert {(busy, "play 1 500 first-tone 425 -7"), (busy, "pause 2 500")} <= found
    dial = [line[1] for line in found if line[0].endswith("defaultDialtone") and len(line) > 1]
    assert sorted(line.split()[2] for line in dial) == ["1000", "200", "200", "600"]
    assert not [line for line in lines("patton-trinity-fxo-2", country="other")
                if "call-progress-tone" in line[0]]  # fmt: skip


@pytest.mark.parametrize("model", PATTON)
def test_a_port_that_nobody_uses_is_off_and_nothing_speaks_of_it(model):
    count = LIBRARY.models[model].ports
    found = script_lines(script(model, ports=(port(model, count),)))

    assert sum(line.startswith("registrar ") for line in found) == 1
    assert sum(line.startswith("route 2") for line in found) == 1
    if count > 1:
        assert not [line for line in found if line.endswith("_00")]


def test_srtp_and_tls_come_together_and_only_with_tls():
    """SRTP was decided by a word in the gateway's name (seen in NethVoice)."""
    model = "patton-trinity-bri-1"
    tls, udp = script(model, name="UDP"), script(model, name="X TLS X", transport="udp")

    assert "srtp transmission preferred" in tls
    assert "profile tls DEFAULT" in tls
    assert "srtp" not in udp
    assert "profile tls" not in udp
    assert "5061" not in udp


def test_whoever_finds_no_account_gets_in_only_where_none_was_made():
    """Authentication fell back to none (seen in NethVoice)."""
    model = "patton-trinity-bri-1"
    with_account, without = lines(model), lines(model, admin_password="")

    assert ("administrator administrator password NewPassword1",) in with_account
    assert ("profile aaa DEFAULT", "method 2 none") not in with_account
    assert ("profile aaa DEFAULT", "method 2 none") in without


@pytest.mark.parametrize(("shell", "ssh", "telnet"), [("ssh", "", "no "), ("telnet", "no ", "")])
def test_one_command_line_stays_open(shell, ssh, telnet):
    found = lines("patton-trinity-bri-1", shell=shell)

    assert ("ssh-server", f"{'no ' if shell == 'ssh' else ''}shutdown") in found
    assert ("telnet-server", f"{'no ' if shell == 'telnet' else ''}shutdown") in found


@pytest.mark.parametrize(
    ("zone", "offset", "rule"),
    [
        ("Europe/Rome", "+01:00", "+01:00 from mar last sunday 02:00 2000 until oct last sunday"),
        ("America/New_York", "-05:00", "+01:00 from mar second sunday 02:00 2000 until nov first"),
        ("Asia/Kolkata", "+05:30", ""),
    ],
)
def test_the_clock_follows_the_time_zone(zone, offset, rule):
    text = script("patton-trinity-bri-1", timezone=zone)

    assert f"clock local default-offset {offset}\n" in text
    assert (f"clock local dst-rule DST_ON {rule}" in text) is bool(rule)


# Grandstream


@pytest.mark.parametrize(("model", "transport"), list(product(GRANDSTREAM, TRANSPORTS)))
def test_xml_is_well_formed_and_says_what_the_text_says(model, transport):
    """The HT802 file for UDP was not well-formed (seen in NethVoice)."""
    root = xml(model, transport=transport)
    config = root.find("config")
    written = [(int(e.tag.removeprefix("P")), e.text or "") for e in config]

    assert (root.tag, root.get("version"), config.get("version")) == ("gs_provision", "1", "1")
    assert len({number for number, _ in written}) == len(written)
    assert dict(written) == parameters(model, transport=transport)


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_only_a_gateway_with_one_address_has_it_in_its_file(model):
    """A file with another address is refused (Grandstream's XML guide)."""
    found = xml(model).findtext("mac")
    assert found == ("c074ad0b1c2d" if "ht80" in model else None)


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_the_network_is_written_octet_by_octet(model):
    """P92 to P95 were shifted, with a leftover word in P95 (seen in NethVoice)."""
    found = parameters(model)
    octets = {first: ".".join(found[n] for n in range(first, first + 4))
              for first in (9, 13, 17, 21, 25, 92)}  # fmt: skip

    assert octets == {
        9: "192.168.5.41", 13: "255.255.255.0", 17: "192.168.5.1", 21: "192.168.5.53",
        25: "192.168.5.54", 92: "192.168.5.53" if "gxw" in model else "0.0.0.0",
    }  # fmt: skip
    assert (found[8], found[30]) == ("1", "ntp.example.org")


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_the_clock_is_not_that_of_the_united_states(model):
    """On a GXW the zone in use was US Central time (seen in NethVoice)."""
    found = parameters(model)

    assert found[246] == "CET-1CEST,M3.5.0,M10.5.0/3"
    assert found[64] == (
        "customize" if "gxw" in model else "CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00"
    )
    assert (found[143], found[144]) == ("0", "0")
    elsewhere = parameters(model, timezone="America/New_York")
    assert (elsewhere[64], elsewhere[246]) == ("customize", "EST5EDT,M3.2.0,M11.1.0")


def test_both_ports_of_an_ht802_register_through_the_proxy():
    """Port 2 had no outbound proxy (seen in NethVoice)."""
    found = parameters("grandstream-ht802")

    assert found[48] == found[748] == "proxy.example.org:5061"
    assert (found[47], found[747]) == ("pbx.example.org", "pbx.example.org")
    assert (found[40], found[740]) == ("5061", "5063")
    assert (found[39], found[739]) == ("5004", "5012")
    assert (found[35], found[735]) == ("201", "202")
    assert [found[n] for n in (34, 734)] == [
        p.secret for p in configured("grandstream-ht802").ports
    ]
    udp = parameters("grandstream-ht802", transport="udp")
    assert (udp[748], udp[740], udp[830], udp[443]) == ("proxy.example.org:5060", "5062", "0", "0")


def test_the_proxy_has_one_port():
    """A migrated proxy with a port got a second one (seen in NethVoice)."""
    for model in GRANDSTREAM:
        assert parameters(model)[48].count(":") == 1


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_tls_changes_transport_ports_and_srtp_and_nothing_else(model):
    tls, udp = parameters(model), parameters(model, transport="udp")
    differing = {number: (udp[number], tls[number]) for number in tls if udp[number] != tls[number]}

    first = {48: ("proxy.example.org:5060", "proxy.example.org:5061"), 130: ("0", "2"),
             40: ("5060", "5061"), 183: ("0", "2")}  # fmt: skip
    second = {748: first[48], 830: first[130], 740: ("5062", "5063"), 443: first[183]}
    assert differing == (first | second if "ht802" in model else first)


@pytest.mark.parametrize(
    ("number", "user", "auth", "password", "name"),
    [
        (1, 4060, 4090, 4120, 4180), (20, 4079, 4109, 4139, 4199), (21, 4080, 4110, 4140, 4252),
        (30, 4089, 4119, 4149, 4261), (31, 4240, 4242, 4244, 4262), (32, 4241, 4243, 4245, 4263),
        (33, 21000, 21064, 21128, 21192), (48, 21015, 21079, 21143, 21207),
    ],
)  # fmt: skip
def test_a_port_of_a_gxw_is_where_the_port_table_says(number, user, auth, password, name):
    found = parameters("grandstream-gxw4248")
    wanted = configured("grandstream-gxw4248").ports[number - 1]

    assert [found[n] for n in (user, auth, password, name)] == [
        wanted.extension, wanted.extension, wanted.secret, wanted.display_name,
    ]  # fmt: skip


def test_all_48_ports_are_written_with_six_and_one_parameters_each():
    model = "grandstream-gxw4248"
    family, found = LIBRARY.models[model].family, parameters(model)
    numbers = [n for p in range(1, 49) for n in family.ports.of(p).values()]

    assert len(set(numbers)) == 48 * 7
    assert set(numbers) <= set(found)
    assert [found[family.ports.of(n)["user_id"]] for n in range(1, 49)] == [
        str(200 + n) for n in range(1, 49)
    ]  # fmt: skip


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_a_free_port_is_cleared_so_that_no_old_account_survives(model):
    """An empty FXS port became an empty extension (seen in NethVoice)."""
    last = LIBRARY.models[model].ports
    numbers = LIBRARY.models[model].family.ports.of(last)
    for free in ((), (port(model, last, extension="", secret="", display_name=""),)):
        found = parameters(model, ports=free)

        assert {found[numbers[a]] for a in ("user_id", "auth_id", "password", "display_name")} == {
            ""
        }
        assert found[numbers.get("enabled", 401 if last > 1 else 271)] == "0"


@pytest.mark.parametrize("model", GRANDSTREAM)
def test_nobody_but_the_pbx_manages_the_gateway(model):
    """The dumps had the vendor's cloud, TR-069 and telnet switched on."""
    found = parameters(model)

    assert (found[1409], found[4506], found[145], found[1414], found[1650]) == ("0",) * 5
    assert (found[237], found[192], found[4503]) == ("", "", "")
    assert not LIBRARY.brands["grandstream"].never_send & found.keys()
    assert "grandstream" not in rendered(model, "text")


@pytest.mark.parametrize(
    ("url", "protocol", "path"),
    [
        ("https://pbx.example.org/provisioning/t0ken", "2", "pbx.example.org/provisioning/t0ken"),
        ("http://192.168.5.2:8080/p", "1", "192.168.5.2:8080/p"),
    ],
)
def test_the_address_to_fetch_from_is_written_without_its_scheme(url, protocol, path):
    for kind in ("text", "pointer"):
        found = values_of(rendered("grandstream-gxw4216", kind, provisioning_url=url))
        assert (found[212], found[237], found[145]) == (protocol, path, "0")


def test_the_pointer_says_where_to_fetch_and_nothing_else():
    assert set(values_of(rendered("grandstream-ht801", "pointer"))) == {212, 237, 145, 194}


@pytest.mark.parametrize(("model", "slic"), [("grandstream-ht801", 4), ("grandstream-gxw4216", 7)])
def test_italy_has_its_impedance_in_the_numbering_of_the_family(model, slic):
    """7 is Italy on a GXW and a Japanese PBX on an HT (Grandstream's templates)."""
    found = parameters(model)

    assert (found[854], found[853]) == (str(slic), "1")
    assert found[4002] == "f1=425@-20,c=500/500;"
    assert found[4004] == "f1=425@-12,c=100/100-100/100-100/100;"


def test_codecs_are_those_that_the_pbx_offers():
    found = parameters("grandstream-gxw4216")
    assert [found[n] for n in (57, 58, 59, 60, 61, 62, 46, 98)] == list("80288888")
    assert 98 not in parameters("grandstream-ht801")


def test_certificates_are_checked_where_that_is_wanted():
    url = "https://pbx.example.org/p"
    model = "grandstream-ht801"
    on = parameters(model, verify_certificates=True, provisioning_url=url)
    off = parameters(model, provisioning_url=url)

    assert [on[n] for n in (8463, 22030, 2311, 2367)] == ["1"] * 4
    assert [off[n] for n in (8463, 22030, 2311, 2367)] == ["0"] * 4


@pytest.mark.parametrize(
    ("model", "shell", "values"),
    [
        ("grandstream-ht801", "ssh", {276: "0", 28120: "1"}),
        ("grandstream-ht801", "telnet", {276: "1", 28120: "0"}),
        ("grandstream-gxw4216", "ssh", {276: "1"}),  # the same number switches telnet off here
        ("grandstream-gxw4216", "telnet", {276: "0"}),
    ],
)
def test_one_shell_of_a_grandstream_stays_open(model, shell, values):
    found = parameters(model, shell=shell)
    assert {n: found.get(n) for n in values} == values
    assert (28120 in found) is (28120 in values)


# Whatever is written into them


@given(name=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_name_can_never_add_a_parameter(name):
    model = "grandstream-ht801"
    ports = (port(model, 1, display_name=name),)
    if check(entry(model, ports=ports), LIBRARY, ZONES):
        return
    gateway = configured(model, ports=ports)
    found = RENDERER.parameters(gateway)
    root = etree.fromstring(RENDERER.render(gateway, "xml"))

    assert [p.number for p in found] == list(parameters(model))
    assert [e.tag for e in root.iter("P3")] == ["P3"]
    assert (root.findtext("config/P3") or "") == name.strip()


@given(text=st.text(max_size=40))
def test_even_an_unchecked_text_can_never_add_a_parameter(text):
    model = "grandstream-ht801"
    gateway = configured(model)
    first = replace(gateway.ports[0], display_name=text, extension=text, secret=text)
    forced = replace(gateway, ports=(first,), pbx=replace(gateway.pbx, host=text))

    assert [p.number for p in RENDERER.parameters(forced)] == list(parameters(model))
    etree.fromstring(RENDERER.render(forced, "xml"))


@given(text=st.text(max_size=40))
def test_even_an_unchecked_text_can_never_add_a_command(text):
    """Quotes, blanks, line breaks, ! and # in a name or number."""
    model = "patton-trinity-fxo-2"
    gateway = configured(model)
    first = replace(gateway.ports[0], line_number=text, trunk_name=text, secret=text)
    forced = replace(gateway, ports=(first, gateway.ports[1]))
    try:
        body = RENDERER.render(forced, "script").decode()
    except RenderingError:
        return
    assert len(list(lines_of(body))) == len(list(lines_of(script(model))))


@pytest.mark.parametrize(
    "text", ["", "a b", "a\nb", 'a"b', "a'b", "a!b", "a#b", "a;b", "è", "a\\b"]
)
def test_a_script_takes_single_words_only(text):
    gateway = configured("patton-trinity-fxo-2")
    forced = replace(gateway, pbx=replace(gateway.pbx, host=text))

    with pytest.raises(RenderingError, match="is not one word"):
        RENDERER.render(forced, "script")


def test_a_refused_secret_is_not_repeated():
    gateway = configured("patton-trinity-fxo-2")
    first = replace(gateway.ports[0], secret="my secret")

    with pytest.raises(RenderingError) as refused:
        RENDERER.render(replace(gateway, ports=(first, gateway.ports[1])), "script")
    assert "my secret" not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["Mario Rossi", 'a"b', "a'b", "a`b", "è", "a!b", "a#b", "x" * 201]
)
def test_what_a_command_line_could_read_otherwise_goes_by_file(value):
    """A value with blanks or quotes is risky in a command."""
    with pytest.raises(NotTypable) as refused:
        check_typable([Parameter(47, "pbx"), Parameter(3, value)])
    assert refused.value.numbers == (3,)


def test_every_parameter_of_ours_can_be_typed():
    for model in GRANDSTREAM:
        check_typable(RENDERER.parameters(configured(model)))


# A site's own templates


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("P47=a\nP47=b\n", "P47 is there twice"),
        ("P8201=serial\n", "P8201 is a unit's own state"),
        ("hello\n", "a line is no parameter: 'hello'"),
        ("P047=x\n", "a line is no parameter: 'P047'"),
        ("P47={{ gone }}\n", "'gone' is undefined"),
        ("P47={{ pbx.__class__ }}\n", "unsafe"),
        ("{% for i in range(999999) %}{% endfor %}\n", "Range too big"),
    ],
)
def test_a_mistake_in_a_sites_own_template_is_told(tmp_path, template, told):
    own = tmp_path / "grandstream"
    own.mkdir()
    (own / "parameters.txt.j2").write_text(template)
    shipped = LIBRARY.brands["grandstream"].folders[0].parent
    library = load_gateways([shipped, tmp_path])
    gateway = replace(configured("grandstream-ht801"), brand=library.brands["grandstream"])

    for kind in ("text", "xml"):
        with pytest.raises(RenderingError, match=re.escape(told)):
            GatewayRenderer(library).render(gateway, kind)


@given(text=st.text(max_size=200))
def test_any_text_is_parsed_or_refused(text):
    brand = LIBRARY.brands["grandstream"]
    try:
        found = parse(text, brand)
    except ValueError:
        return
    assert len({p.number for p in found}) == len(found)
    assert all("\n" not in p.value for p in found)


# Names of files


def test_a_gateway_with_two_addresses_may_ask_by_either():
    """Which of the two it asks by is not documented."""
    assert fetched_names(configured("grandstream-ht801")) == ("cfgc074ad0b1c2d.xml",)
    both = configured("grandstream-ht812", wan_mac="C0:74:AD:0B:1C:2E")
    assert fetched_names(both) == ("cfgc074ad0b1c2d.xml", "cfgc074ad0b1c2e.xml")
    assert fetched_names(configured("patton-trinity-bri-1")) == ()


def test_no_two_gateways_are_saved_under_one_name():
    """Every Patton file was called Patton-TRINITY.cfg (seen in NethVoice)."""
    at = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)

    assert download_name(configured("patton-trinity-fxo-8"), "script", at) == (
        "trinity-fxo-8_00a0ba11a2b3_20260301T0905.cfg"
    )
    assert download_name(configured("grandstream-ht801"), "xml", at) == (
        "ht801_c074ad0b1c2d_20260301T0905.xml"
    )
