"""The request at hand: its site, and who signs it."""

from flask import current_app, g

from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.tables import Credential
from provisioning.web import authentication


def site() -> Site:
    """The site this application serves."""
    found: Site = current_app.extensions["site"]
    return found


def settings() -> Settings:
    """The settings of this application."""
    found: Settings = current_app.extensions["settings"]
    return found


def credential() -> Credential:
    """The session or service token that signs the request."""
    found: Credential = g.credential
    return found


def actor() -> str:
    """Who asks, as the history names them."""
    return authentication.actor(credential())
