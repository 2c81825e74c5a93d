"""A gateway as people and the PBX enter it: texts, not yet checked.

``checking`` says what is wrong with it, ``configuration`` has the typed form.

Source: the fields of NethVoice 8.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PortEntry:
    """What is known of one port; a port without an entry is free."""

    number: int
    """From 1, as on the housing."""
    enabled: bool = True
    protocol: str = ""
    """BRI: ``pp`` or ``pmp``."""
    line_number: str = ""
    """FXO: the own number of the line, which is the called number of incoming calls."""
    extension: str = ""
    """FXS: the number that the telephone registers; empty: the port is free."""
    display_name: str = ""
    """FXS: the user's name."""
    trunk_name: str = ""
    trunk_number: str = ""
    secret: str = field(default="", repr=False)
    """SIP password of the trunk or of the extension."""


@dataclass(frozen=True, slots=True)
class GatewayEntry:
    """What is known of a gateway, beside the address it has before it is configured."""

    model: str
    """Id of the model, e.g. ``patton-trinity-bri-4``."""
    name: str
    """A label for people; it decides nothing."""
    mac: str
    """As on the label; of a gateway with two it is the LAN's."""
    address: str
    """The static address it is to have."""
    netmask: str
    """A mask, or the length of a prefix."""
    router: str
    pbx_host: str
    """Domain of the SIP accounts."""
    proxy: str
    """SIP proxy in front of the PBX: a host, without scheme or port."""
    timezone: str = "Europe/Rome"
    country: str = "it"
    transport: str = "tls"
    """``udp``, or ``tls`` with SRTP."""
    shell: str = "ssh"
    """The command line that stays open: ``ssh`` or ``telnet``."""
    wan_mac: str = ""
    """Of a gateway with two addresses, if it is known."""
    current_address: str = ""
    """Where it answers now, if it is known."""
    dns: tuple[str, ...] = ()
    ntp: tuple[str, ...] = ()
    admin_password: str = field(default="", repr=False)
    """Empty: it stays as it is."""
    user_password: str = field(default="", repr=False)
    """Of the account with fewer rights, where the brand has one; empty: it stays as it is."""
    provisioning_url: str = field(default="", repr=False)
    """Folder from which the gateway fetches its file; empty: it asks nobody."""
    verify_certificates: bool = False
    """The gateway checks the certificates of the proxy and of the provisioning server."""
    ports: tuple[PortEntry, ...] = ()
