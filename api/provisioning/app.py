"""Everything put together: one WSGI application for a process."""

import fcntl
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from provisioning import rest
from provisioning.delivery.endpoint import Delivery, Environ
from provisioning.delivery.events import EventLog
from provisioning.services import accounts, defaults
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, migrate, open_database
from provisioning.tancredi import api as tancredi

# Room for a firmware image of half a gigabyte and the form around it.
_MAX_UPLOAD = 520 * 1024 * 1024

_DATABASE_FILE = "provisioning.sqlite"
_LOCK_FILE = ".preparing"


def open_site(settings: Settings) -> Site:
    """Open the state directory for this process; :func:`prepare` must have run once before."""
    open_database(settings.state / _DATABASE_FILE)
    return Site(settings.state, settings.public_url)


def prepare(settings: Settings) -> str | None:
    """Make the state directory ready: folders, tables in their newest form, first passwords.

    Returns:
        The first password of the account ``admin``, if one was made up just now.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.state.chmod(0o700)
    # Web server and worker may start together on a fresh directory: one prepares, the other waits.
    with (settings.state / _LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        open_database(settings.state / _DATABASE_FILE)
        migrate()
        defaults.ensure_passwords(lambda: Site(settings.state, settings.public_url))
        password = accounts.ensure_first_account(settings.admin_password)
        # A server forks: no process may inherit an open connection.
        database.close()
    return password


def create_flask(settings: Settings, site: Site) -> Flask:
    """The native API."""
    app = Flask("provisioning", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_UPLOAD
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions["site"] = site
    app.extensions["settings"] = settings
    rest.init_app(app)
    return app


class Application:
    """The WSGI callable: devices go to delivery, everything else to one of the APIs."""

    def __init__(self, settings: Settings, site: Site):
        self.events = EventLog()
        self._delivery = Delivery(
            site,
            trusted_proxies=settings.trusted_proxies,
            tokenless_networks=settings.tokenless_networks,
            events=self.events,
        )
        self._native = create_flask(settings, site).wsgi_app
        self._tancredi = (
            self._native
            if settings.tancredi_api == "off"
            else tancredi.create_app(settings, site).wsgi_app
        )

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        # Some phones double the slash before the path.
        if path.lstrip("/").startswith("provisioning/"):
            return self._delivery(environ, start_response)
        if path.startswith("/tancredi/"):
            return self._tancredi(environ, start_response)
        return self._native(environ, start_response)


def application() -> Application:
    """The application by the environment's settings, for a WSGI server's worker."""
    settings = Settings.from_environment()
    return Application(settings, open_site(settings))
