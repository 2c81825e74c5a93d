"""Snom's older redirect service, XML-RPC.

Sources: Snom's wiki on XML-RPC, Snom's command-line client, Falconieri.
"""

import re

import httpx

from provisioning.connect.rps.connection import Connection
from provisioning.connect.rps.problems import Code
from provisioning.connect.rps.service import (
    SCHEMES,
    Abilities,
    LookUp,
    Presence,
    RedirectDevice,
    RedirectService,
    Registered,
)
from provisioning.connect.rps.xml_rpc import Texts, XmlRpc

_TEXTS: Texts = [
    (re.compile(r"Error:\s*malformed_mac"), Code.MAC_REFUSED),
    (re.compile(r"Error:\s*malformed_url"), Code.URL_REFUSED),
    (re.compile(r"Error:\s*owned_by_other_user"), Code.OWNED_ELSEWHERE),
    (re.compile(r"Error:\s*no_such_mac"), Presence.ABSENT),
]
_URL = re.compile(rf"(?:{'|'.join(SCHEMES)})://")


class SnomXmlRpc(RedirectService):
    """The service at ``https://secure-provisioning.snom.com:8083/xmlrpc/``.

    Args:
        base_url: with its last slash, which matters there.
        username: of the account.
        password: of the account.
        timeout: seconds a call may take.
    """

    abilities = Abilities(look_up="url", remove=True, sees_elsewhere=True)

    def __init__(self, base_url: str, username: str, password: str, timeout: float):
        connection = Connection(base_url, timeout, httpx.BasicAuth(username, password))
        super().__init__("Snom XML-RPC", connection, [password])
        self._rpc = XmlRpc(connection, _TEXTS)

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        # It overrides an own entry.
        self._rpc.create("redirect.registerPhone", device.mac.bare.upper(), url)
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        presence, reply = self._rpc.look_up("redirect.getPhoneRedirection", device.mac.bare.upper())
        # The company and the URL, with a boolean before them (Snom's client) or without (Snom's
        # wiki): the shape is not established. Whose company it is, nobody tells.
        url = next((text for text in reversed(reply.texts) if _URL.match(text)), None)
        return LookUp(Presence.OURS, url) if url else LookUp(presence)

    def _remove(self, device: RedirectDevice) -> bool:
        return self._rpc.remove("redirect.deregisterPhone", device.mac.bare.upper())
