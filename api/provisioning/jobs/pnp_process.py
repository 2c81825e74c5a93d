"""SIP PnP as a process: it answers phones until a signal ends it."""

import logging
import signal
from collections.abc import Sequence
from ipaddress import IPv4Network

from provisioning.connect.pnp.server import PnpServer
from provisioning.services import pnp
from provisioning.services.site import Site
from provisioning.web.callers import Network

_log = logging.getLogger(__name__)


def serve(site: Site, interfaces: Sequence[str], networks: Sequence[Network]) -> None:
    """Answer phones until SIGTERM or SIGINT; the database is open.

    Args:
        site: the site.
        interfaces: where to listen: names, or own addresses.
        networks: whose phones are answered; PnP knows IPv4 only.

    Raises:
        InterfaceUnusable: an interface cannot be used.
    """
    allowed = [network for network in networks if isinstance(network, IPv4Network)]
    patterns = site.library.user_agents
    with PnpServer(
        interfaces, lambda asking: pnp.answer(site, asking), patterns, allowed
    ) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        _log.info("PnP is answered on %s", ", ".join(interfaces))
        server.run()
