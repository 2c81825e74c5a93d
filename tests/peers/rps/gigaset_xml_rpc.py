"""Gigaset's older redirect service, played: a MAC-ID, and no overriding of any entry.

Answers of ``checkDevice`` are not established and those of the other methods.
Sources: Gigaset's wiki on its redirect server, Falconieri, peoplefone/provisioning-rpc.
"""

from hashlib import sha256

from peers.rps.xml_rpc import XmlRpcCloud


def check_code(mac: str) -> str:
    """The code on the label of a device; how it is computed in truth, the vendor does not tell."""
    return sha256(mac.encode()).hexdigest()[:4].upper()


class FakeGigasetXmlRpc(XmlRpcCloud):
    kind = "gigaset_xml_rpc"
    root = "/apxml/rpc.do"
    foreign_text = "mac_already_in_use:device is registered by another provider"
    exempt = False
    """Whether the account may leave the code out."""

    @property
    def settings(self) -> dict[str, str]:
        return {**super().settings, "check_code": "exempt" if self.exempt else "needed"}

    def autoprov_registerDevice(self, mac_id: str, url: str, name: str):  # noqa: N802
        mac = self._mac(mac_id)
        if not name:
            return False, "name_invalid:"
        if not url.startswith(("http://", "https://", "ftp://", "tftp://")):
            return False, f"url_invalid:{url}"
        if mac in self.foreign or mac in self.devices:
            return False, self.foreign_text
        self.devices[mac] = url
        return True, "ok"

    def autoprov_deregisterDevice(self, mac_id: str):  # noqa: N802
        mac = self._mac(mac_id)
        if self.devices.pop(mac, None) is None:
            return False, f"mac_not_found:{mac_id}"
        return True, "ok"

    def autoprov_checkDevice(self, mac_id: str):  # noqa: N802
        mac = self._mac(mac_id)
        if mac in self.foreign:
            return False, self.foreign_text
        return (True, "ok") if mac in self.devices else (False, f"mac_not_found:{mac_id}")

    def _mac(self, mac_id: str) -> str:
        form = "[0-9A-F]{12}" if self.exempt else "[0-9A-F]{12}-[A-Z0-9]{4}"
        mac = self.checked_mac(mac_id, form, f"mac_invalid:{mac_id}")
        if "-" in mac_id:
            right = f"{mac.upper()}-{check_code(mac)}"
            self.checked_mac(mac_id, right, f"mac_not_exist:{mac_id}")
        return mac
