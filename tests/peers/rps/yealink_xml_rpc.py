"""Yealink's oldest redirect service, played: texts without ``<string>``.

Sources: Yealink's document of its XML API, Falconieri, peoplefone/provisioning-rpc.
"""

from peers.rps.xml_rpc import OK, XmlRpcCloud

_FOREIGN_ID = "00156512345f"


class FakeYealinkXmlRpc(XmlRpcCloud):
    kind = "yealink_xml_rpc"
    root = "/xmlrpc"
    bare_text = True
    foreign_text = f"Error:{_FOREIGN_ID}"

    @property
    def settings(self) -> dict[str, str]:
        return {**super().settings, "server_name": "our-server"}

    def redirect_registerDeviceWithUniqueUrl(  # noqa: N802
        self, mac: str, server: str, url: str, override: str
    ):
        bare = self._mac(mac)
        if server != "our-server":
            return False, f"Error:Invalid server {server}"
        if not url.startswith(("http://", "https://", "ftp://", "tftp://")):
            return False, "Error:The URL must begin with http://, https://, ftp:// or tftp://"
        if bare in self.foreign:
            return False, self.foreign_text
        if bare in self.devices and override != "1":
            return False, "Error:Please confirm whether to override"
        self.devices[bare] = url
        return OK

    def redirect_deRegisterDevice(self, mac: str):  # noqa: N802
        if self.devices.pop(self._mac(mac), None) is None:
            return False, "Error:Invalid MAC(s):" + mac
        return OK

    def redirect_checkDevice(self, mac: str):  # noqa: N802
        bare = self._mac(mac)
        if bare in self.foreign:
            return True, "Registered Elsewhere"
        return True, "Registered" if bare in self.devices else "Unregistered"

    def _mac(self, mac: str) -> str:
        return self.checked_mac(mac, "([0-9A-F]{2}[: -]?){6}", f"Error:Invalid MAC(s):{mac}")
