"""Fanvil's redirect service FDPS, XML-RPC; NethPhones are made by Fanvil and belong here too.

A *server* there holds a URL, a *device* is bound to a server. Each phone gets a server of its own,
named like its MAC address. Nothing is updated in place: device and server are taken away and made
anew, in the order in which the service allows it, each step content with what an interrupted run
has left behind. So an interrupted run is simply repeated from the top.

No public document describes the service. Sources: Falconieri, whose later order of calls is the one
that works, and wazo-provd-plugins.
"""

import re
from contextlib import suppress
from hashlib import md5
from urllib.parse import urlsplit

import httpx

from provisioning.connect.rps.connection import Connection
from provisioning.connect.rps.problems import Code, Trouble
from provisioning.connect.rps.service import (
    Abilities,
    LookUp,
    Presence,
    RedirectDevice,
    RedirectService,
    Registered,
)
from provisioning.connect.rps.xml_rpc import Texts, XmlRpc

# Some of these are written with a blank behind the colon and some without.
_TEXTS: Texts = [
    (re.compile(r"Error:\s*(?:device|server)_not_exist"), Presence.ABSENT),
    (re.compile(r"Error:\s*mac_format_error"), Code.MAC_REFUSED),
    (re.compile(r"Error:\s*url_format_error"), Code.URL_REFUSED),
    (re.compile(r"Error:\s*device_had_existed"), Code.OWNED_ELSEWHERE),
]
_PROTOCOLS = {"ftp": 1, "tftp": 2, "http": 4, "https": 5}


class Fanvil(RedirectService):
    """The service at ``https://fdps.fanvil.com/xmlrpc.php``.

    Args:
        base_url: of the service; never plain http, the digest that is sent opens the account.
        username: of the account.
        password: of the account, plain; it is sent as MD5 of its MD5.
        timeout: seconds each call may take.
    """

    abilities = Abilities(look_up="presence", remove=True, sees_elsewhere=True)

    def __init__(self, base_url: str, username: str, password: str, timeout: float):
        digest = _md5_hex(_md5_hex(password))
        connection = Connection(base_url, timeout, httpx.BasicAuth(username, digest))
        super().__init__("Fanvil FDPS", connection, [password, digest])
        self._rpc = XmlRpc(connection, _TEXTS)

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        mac = device.mac.bare.upper()
        server = _server(mac, url)  # a URL that does not fit is found before the first call
        self._remove(device)
        self._rpc.create("redirect.addMaterialServer", server)
        try:
            self._rpc.create("redirect.registerDevice", mac, mac)
        except Trouble as trouble:
            if trouble.code == Code.OWNED_ELSEWHERE:
                self._take_back_server(mac)
            raise
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        # Which texts this method answers with is not established.
        presence, _ = self._rpc.look_up("redirect.checkDevice", device.mac.bare.upper())
        return LookUp(presence)

    def _remove(self, device: RedirectDevice) -> bool:
        mac = device.mac.bare.upper()
        # The device first: a server that devices are bound to cannot be deleted.
        was_there = self._rpc.remove("redirect.deRegisterDevice", mac)
        self._rpc.remove("redirect.deleteServer", mac)
        return was_there

    def _take_back_server(self, mac: str) -> None:
        """Leave no URL with a token behind that serves nobody."""
        with suppress(Trouble):  # What the device's owner must do is the news.
            self._rpc.remove("redirect.deleteServer", mac)


def _server(name: str, url: str) -> list[str]:
    """The settings of a server.

    Raises:
        Trouble: the URL has a part there is no setting for.
    """
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc or "?" in url or "#" in url:
        raise Trouble(Code.URL_REFUSED)
    return [
        f"cfgName={name}",
        "cfgPfMode=1",  # after a reboot
        "cfgDhcpOpt=false",
        "cfgPnpEnable=false",
        f"cfgPfSrv={parts.netloc}",
        f"cfgPfName={parts.path.removeprefix('/')}",
        f"cfgPfProt={_PROTOCOLS[parts.scheme]}",
    ]


def _md5_hex(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()  # what the service defines
