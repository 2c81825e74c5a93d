"""Yealink's oldest redirect service, XML-RPC.

Sources: Yealink's document of its XML API, Falconieri, peoplefone/provisioning-rpc.
"""

import re

import httpx

from provisioning.connect.rps.connection import Connection
from provisioning.connect.rps.problems import Code
from provisioning.connect.rps.service import (
    Abilities,
    LookUp,
    Presence,
    RedirectDevice,
    RedirectService,
    Registered,
)
from provisioning.connect.rps.xml_rpc import Texts, XmlRpc

_OVERRIDE = "1"  # replace an own entry

_TEXTS: Texts = [
    (re.compile(r"Error:\s*Invalid MAC", re.IGNORECASE), Code.MAC_REFUSED),
    (re.compile(r"Error:\s*Invalid server", re.IGNORECASE), Code.REQUEST_REFUSED),
    # "… must begin with http, https, ftp or tftp": the sentence itself is not established.
    (re.compile(r".*\btftp\b", re.IGNORECASE | re.DOTALL), Code.URL_REFUSED),
    # The MAC address or id that is registered with somebody else; lower case, or an address.
    (
        re.compile(r"Error:\s*(?:[a-z0-9]{10}|(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2})"),
        Code.OWNED_ELSEWHERE,
    ),
]
_WORDS = {
    "registered": Presence.OURS,
    "unregistered": Presence.ABSENT,
    "registered elsewhere": Presence.ELSEWHERE,
    "unknown": Presence.UNKNOWN,
}


class YealinkXmlRpc(RedirectService):
    """The service at ``https://api-dm.yealink.com:8443/xmlrpc``.

    Args:
        base_url: of the service.
        username: of the account.
        password: of the account.
        server_name: under which the account's redirections stand there.
        timeout: seconds a call may take.
    """

    abilities = Abilities(look_up="presence", remove=True, sees_elsewhere=True)

    def __init__(
        self, base_url: str, username: str, password: str, server_name: str, timeout: float
    ):
        connection = Connection(base_url, timeout, httpx.BasicAuth(username, password))
        super().__init__("Yealink XML-RPC", connection, [password])
        self._rpc = XmlRpc(connection, _TEXTS)
        self._server_name = server_name

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        method = "redirect.registerDeviceWithUniqueUrl"
        self._rpc.create(method, str(device.mac), self._server_name, url, _OVERRIDE)
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        presence, _ = self._rpc.look_up("redirect.checkDevice", str(device.mac), words=_WORDS)
        return LookUp(presence)

    def _remove(self, device: RedirectDevice) -> bool:
        # What it answers for a device that is not there is not established, so it is asked first.
        if self._look_up(device).presence != Presence.OURS:
            return False
        return self._rpc.remove("redirect.deRegisterDevice", str(device.mac))
