"""Fanvil's redirect service FDPS, played: servers that hold URLs, devices bound to them.

What is known of its order is enforced: a server cannot be deleted while a device is bound to it, is
not made twice, and a device is registered once. The password is the MD5 of its MD5. Answers of
``checkDevice`` are not established. Sources: Falconieri, wazo-provd-plugins.
"""

from hashlib import md5

from peers.rps.xml_rpc import OK, XmlRpcCloud

_PROTOCOLS = {"1": "ftp", "2": "tftp", "4": "http", "5": "https"}
_MEMBERS = [
    "cfgName", "cfgPfMode", "cfgDhcpOpt", "cfgPnpEnable", "cfgPfSrv", "cfgPfName", "cfgPfProt",
]  # fmt: skip


class FakeFanvil(XmlRpcCloud):
    kind = "fanvil"
    root = "/xmlrpc.php"
    foreign_text = "Error: device_had_existed"

    def __init__(self) -> None:
        super().__init__()
        self.servers: dict[str, str] = {}
        """URL by name."""

    def password(self) -> str:
        once = md5(self.secret.encode()).hexdigest()
        return md5(once.encode()).hexdigest()

    def redirect_addMaterialServer(self, settings: list[str]):  # noqa: N802
        values = dict(setting.split("=", 1) for setting in settings)
        self.rule(list(values) == _MEMBERS, f"members {list(values)}")
        self.rule(values["cfgPfMode"] == "1", "not applied after a reboot")
        if "?" in values["cfgPfName"] or values["cfgPfName"].startswith("/"):
            return False, "Error: url_format_error"
        if values["cfgName"] in self.servers:
            return False, "Error: server_had_existed"
        protocol = _PROTOCOLS[values["cfgPfProt"]]
        self.servers[values["cfgName"]] = f"{protocol}://{values['cfgPfSrv']}/{values['cfgPfName']}"
        return OK

    def redirect_registerDevice(self, mac: str, server: str):  # noqa: N802
        bare = self._mac(mac)
        if server not in self.servers:
            return False, "Error:server_not_exist"
        if bare in self.foreign:
            return False, self.foreign_text
        if bare in self.devices:
            return False, "Error: device_is_bound"
        self.devices[bare] = self.servers[server]
        return OK

    def redirect_deRegisterDevice(self, mac: str):  # noqa: N802
        if self.devices.pop(self._mac(mac), None) is None:
            return False, "Error:device_not_exist"
        return OK

    def redirect_deleteServer(self, name: str):  # noqa: N802
        if name.lower() in self.devices:
            return False, "Error: server_is_used"
        if self.servers.pop(name, None) is None:
            return False, "Error:server_not_existed"
        return OK

    def redirect_checkDevice(self, mac: str):  # noqa: N802
        mac = self._mac(mac)
        if mac in self.foreign:
            return False, self.foreign_text
        return OK if mac in self.devices else (False, "Error:device_not_exist")

    def _mac(self, mac: str) -> str:
        return self.checked_mac(mac, "[0-9A-F]{12}", "Error: mac_format_error")
