"""A phone is switched on and finds its configuration without anybody typing: by DHCP, by PnP.

The program runs as it is installed, in a network segment of its own; DHCP servers are Debian's, the
phones are udhcpc and curl, or sipp.
"""

import dataclasses
import re
import subprocess

import pytest
from processes import running
from site_at_work import until

from peers import dhcp_server, pnp_phone
from peers.dhcp_phone import lease
from peers.segment import PHONE_ADDRESS, SERVER_ADDRESS, SERVER_LINK, program_or_skip, segment
from provisioning.app import open_site, prepare
from provisioning.connect.pnp.server import PORT
from provisioning.engine.mac import MacAddress
from provisioning.services import dhcp, knocks, links, phones, users
from provisioning.services.users import NewUser
from provisioning.settings import Settings
from provisioning.store.database import database

ADDRESS = f"{SERVER_ADDRESS}:8080"
URL = f"http://{ADDRESS}"
PHONES = {
    "yealink": ("00:15:65:00:00:01", "yealink-T46", "yealink", "$MAC"),
    "fanvil": ("0c:38:3e:00:00:01", "fanvil-X3", "", "$mac"),
    "nethesis": ("e0:e6:56:00:00:01", "nethesis-NPX5", "", "$mac"),
    "snom": ("00:04:13:00:00:01", "snom-D785", "snomD785", "{mac}"),
    "gigaset": ("7c:2f:80:00:00:01", "gigaset-Maxwell3", "", "%MACD"),
    "gigaset P": ("00:04:13:e5:00:01", "gigaset-P710", "", "{mac}"),
    "sangoma": ("00:50:58:00:00:01", "sangoma-S500", "", ""),
    "akuvox": ("0c:11:05:00:00:01", "akuvox-SPR50P", "", ""),
}
"""MAC address, model, vendor class, and the macro that the phone puts its address in place of."""


@pytest.fixture
def fleet(tmp_path):
    """A site with a phone of every brand, each of its own user, on a state directory of its own."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path / "state"),
            "PROVISIONING_PUBLIC_URL": URL,
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    prepare(settings)
    site = open_site(settings)
    for number, (mac, model, *_) in enumerate(PHONES.values(), start=201):
        name = f"user{number}"
        users.create(NewUser(name, name.title(), str(number)), by="test")
        phones.create(site, MacAddress.parse(mac), model=model, by="test")
        links.link(MacAddress.parse(mac), name, by="test")
    yield settings, site
    database.close()


def environment(settings: Settings) -> dict[str, str]:
    return {
        "STATE": str(settings.state),
        "LISTEN": ADDRESS,
        "PUBLIC_URL": URL,
        "WORKERS": "1",
    }


def curl(segment, url: str) -> str:
    """What a phone gets."""
    command = [program_or_skip("curl", "curl"), "-sS", "--fail", "--max-time", "20", url]
    done = subprocess.run(segment.as_phone(*command), capture_output=True, text=True)
    assert done.returncode == 0, f"{url}: {done.stderr}"
    return done.stdout


def served(segment) -> bool:
    command = [
        program_or_skip("curl", "curl"),
        "-s",
        "--fail",
        "--max-time",
        "2",
        f"{URL}/provisioning/check/ping",
    ]
    return subprocess.run(segment.as_phone(*command), capture_output=True).returncode == 0


@pytest.mark.parametrize("server", ["dnsmasq", "kea"])
def test_phones_follow_dhcp_to_their_own_configuration(fleet, server):
    settings, site = fleet
    made = dhcp.configuration(site, server, own=True, by="test")
    start = {"dnsmasq": dhcp_server.dnsmasq, "kea": dhcp_server.kea}[server]
    with start(made) as network:
        wrap = network.as_server()
        with running("web", settings=environment(settings), wrap=wrap):
            give_the_phone_an_address(network)
            until(lambda: served(network))
            for number, (mac, _, vendor_class, macro) in enumerate(PHONES.values(), start=201):
                options = lease(network, mac, vendor_class).provisioning
                vendor = site.library.vendor_of(MacAddress.parse(mac))
                if vendor.id == "gigaset":
                    assert set(options) == {114}
                url, bare = "".join(options.values()), mac.replace(":", "")
                if macro:
                    url = url.replace(macro, bare)
                elif vendor.id == "sangoma":  # a directory: the phone appends its file's name
                    url = f"{url}/cfg{bare}.xml"
                follow(network, url, str(number))


def give_the_phone_an_address(network) -> None:
    ip = program_or_skip("ip", "iproute2")
    address = [ip, "address", "add", f"{PHONE_ADDRESS}/16", "dev", "phone0"]
    subprocess.run(network.as_phone(*address), check=True, capture_output=True)


def follow(network, url: str, number: str) -> None:
    """Be a phone: fetch without a token, then with the first, then with the permanent one.

    Where DHCP tells each phone an address of its own, that one has the first token already.
    """
    bare = curl(network, url)
    file = url.rpartition("/")[2]
    seen = set(re.findall(r"\b[0-9a-f]{32}\b", url))
    for _ in range(2 - len(seen)):
        [token] = set(re.findall(r"\b[0-9a-f]{32}\b", bare)) - seen
        seen.add(token)
        bare = curl(network, f"{URL}/provisioning/{token}/{file}")
    assert re.search(rf"\b{number}\b", bare)
    assert f"User{number}" in bare


def test_a_phone_asks_by_pnp_and_ends_with_its_address(fleet):
    settings, site = fleet
    known = MacAddress.parse(PHONES["yealink"][0])
    phone = pnp_phone.PnpPhone(
        f"sip:MAC%3a{known.bare}@224.0.1.75",
        'ua-profile;profile-type="device";vendor="Yealink";model="T46S";version="66.86.0.15"',
        "Yealink SIP-T46S 66.86.0.15",
    )
    stranger = dataclasses.replace(phone, uri="sip:MAC%3a001565ffffff@224.0.1.75")
    with segment() as network:
        give_the_phone_an_address(network)

        def asked(phone: pnp_phone.PnpPhone) -> pnp_phone.Conversation:
            return pnp_phone.ask(phone, PORT, where=network.as_phone(), address=PHONE_ADDRESS)

        pnp = {**environment(settings), "PNP_INTERFACES": SERVER_LINK}
        with running("pnp", settings=pnp, wrap=network.as_server()):
            until(lambda: asked(phone).complete)
            assert asked(phone).url == phones.get(site, known).provisioning_url1
            assert asked(stranger).messages == []
    [knock] = [found.knock for found in knocks.page(site, offset=0, limit=10)[1]]
    assert (knock.mac, knock.via, knock.address) == ("00-15-65-FF-FF-FF", "pnp", PHONE_ADDRESS)
