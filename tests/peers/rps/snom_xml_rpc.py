"""Snom's older redirect service, played: own entries are overridden, the slash at the end matters.

Sources: Snom's wiki on XML-RPC, Snom's command-line client, Falconieri.
"""

from peers.rps.xml_rpc import XmlRpcCloud

_MAC = "[0-9A-F]{12}"


class FakeSnomXmlRpc(XmlRpcCloud):
    kind = "snom_xml_rpc"
    root = "/xmlrpc/"
    foreign_text = "Error:owned_by_other_user"

    def redirect_registerPhone(self, mac: str, url: str):  # noqa: N802
        mac = self._mac(mac)
        if "://" not in url:
            return False, "Error:malformed_url"
        if mac in self.foreign:
            return False, self.foreign_text
        self.devices[mac] = url
        return True, "Ok"

    def redirect_deregisterPhone(self, mac: str):  # noqa: N802
        mac = self._mac(mac)
        if mac in self.foreign:
            return False, self.foreign_text
        if self.devices.pop(mac, None) is None:
            return False, "Error:no_such_mac"
        return True, "Ok"

    def redirect_getPhoneRedirection(self, mac: str):  # noqa: N802
        mac = self._mac(mac)
        if mac in self.foreign:
            return False, self.foreign_text
        if mac not in self.devices:
            return False, "Error:no_such_mac"
        return True, "Our Company & Sons", self.devices[mac]

    def _mac(self, mac: str) -> str:
        return self.checked_mac(mac, _MAC, "Error:malformed_mac")
