"""A site as devices meet it: a fresh state directory, and requests to its entry point.

Tests say ``from served import Served``: this folder is no package, so pytest puts it on the path.
"""

from collections.abc import Mapping

from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wrappers import Response

from provisioning.delivery.endpoint import Delivery
from provisioning.delivery.events import EventLog
from provisioning.engine.mac import MacAddress
from provisioning.services import phones
from provisioning.services.phones import PhoneDetails
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.tables import DeviceRequest

YEALINK = MacAddress.parse("00-15-65-AA-BB-01")
SNOM = MacAddress.parse("00-04-13-AA-BB-01")
LAN = "192.168.1.50"
INTERNET = "203.0.113.7"

ACCOUNT = {
    "account_extension_1": "extension-201",
    "account_username_1": "user201",
    "account_password_1": "sip-secret-201",
    "account_display_name_1": "Anna 201",
}


class Answer(Response):
    """What a device got."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.get_data(as_text=True)


class Served:
    """One process of the server."""

    def __init__(self, settings: Settings, site: Site | None = None):
        self.settings = settings
        self.site = site or Site(settings.state, settings.public_url)
        self.events = EventLog()
        self.delivery = Delivery(
            self.site,
            trusted_proxies=settings.trusted_proxies,
            tokenless_networks=settings.tokenless_networks,
            events=self.events,
        )

    def register(
        self,
        mac: MacAddress = YEALINK,
        model: str = "yealink-T46",
        variables: Mapping[str, str] = ACCOUNT,
        display_name: str = "",
    ) -> PhoneDetails:
        """Register a phone, by default a Yealink with an account."""
        return phones.create(
            self.site,
            mac,
            model=model,
            display_name=display_name,
            variables=variables,
            by="tests",
        )

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        address: str = LAN,
        user_agent: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What a device gets for a path below ``/provisioning/``, as the server decodes it."""
        environ = create_environ("/", method=method, headers=dict(headers or {}))
        environ["PATH_INFO"] = f"/provisioning/{path}".encode().decode("latin-1")
        environ["REMOTE_ADDR"] = address
        if user_agent:
            environ["HTTP_USER_AGENT"] = user_agent
        return Answer(*run_wsgi_app(self.delivery, environ, buffered=True))

    def requests(self) -> list[DeviceRequest]:
        """All requests as the admin sees them, oldest first."""
        self.events.flush()
        return list(DeviceRequest.select().order_by(DeviceRequest.id))

    def last_request(self) -> DeviceRequest:
        """The request made last."""
        return self.requests()[-1]
