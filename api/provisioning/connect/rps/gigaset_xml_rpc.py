"""Gigaset's older redirect service, XML-RPC.

Sources: Gigaset's wiki on its redirect server, Falconieri, peoplefone/provisioning-rpc.
"""

import re

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
    checked_check_code,
)
from provisioning.connect.rps.xml_rpc import Texts, XmlRpc

PROVIDER = "NethServer"
"""What the service is told as the name of who provisions the device."""

_TEXTS: Texts = [
    (re.compile("mac_not_found:?"), Presence.ABSENT),
    (re.compile("mac_(?:invalid|not_exist):?"), Code.MAC_REFUSED),
    (re.compile("mac_already_in_use:?"), Code.OWNED_ELSEWHERE),
    (re.compile("url_invalid:?"), Code.URL_REFUSED),
    (re.compile("name_invalid:?"), Code.REQUEST_REFUSED),
]


class GigasetXmlRpc(RedirectService):
    """The service at ``https://prov.gigaset.net/apxml/rpc.do``.

    Args:
        base_url: of the service.
        username: of the account.
        password: of the account.
        check_code_needed: False for an account that is exempt from the code behind the MAC address.
        timeout: seconds a call may take.
    """

    abilities = Abilities(look_up="presence", remove=True, sees_elsewhere=True, check_code=True)

    def __init__(
        self, base_url: str, username: str, password: str, check_code_needed: bool, timeout: float
    ):
        connection = Connection(base_url, timeout, httpx.BasicAuth(username, password))
        super().__init__("Gigaset XML-RPC", connection, [password])
        self._rpc = XmlRpc(connection, _TEXTS)
        self._check_code_needed = check_code_needed

    def _register(self, device: RedirectDevice, url: str) -> Registered:
        mac_id = self._mac_id(device)
        # An own entry is not overridden; the text for it is the same as for one of others.
        self._rpc.remove("autoprov.deregisterDevice", mac_id)
        self._rpc.create("autoprov.registerDevice", mac_id, url, PROVIDER)
        return Registered()

    def _look_up(self, device: RedirectDevice) -> LookUp:
        # Which texts this method answers with is not established; those of the others are taken.
        presence, _ = self._rpc.look_up("autoprov.checkDevice", self._mac_id(device))
        return LookUp(presence)

    def _remove(self, device: RedirectDevice) -> bool:
        return self._rpc.remove("autoprov.deregisterDevice", self._mac_id(device))

    def _mac_id(self, device: RedirectDevice) -> str:
        code = checked_check_code(device)
        if not code and self._check_code_needed:
            raise Trouble(Code.CHECK_CODE_REQUIRED)
        mac = device.mac.bare.upper()
        return f"{mac}-{code}" if code else mac
