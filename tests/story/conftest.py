"""A fresh site for every test, at work."""

import threading
from collections.abc import Iterator

import pytest
from gateways_at_work import Gateways, hurried
from site_at_work import WholeSite, whole_site

from provisioning.jobs import handlers
from provisioning.services import comparisons, registrations


@pytest.fixture
def looks() -> int:
    """How often it is looked whether a phone has fetched."""
    return 8


@pytest.fixture
def at_work(settings, site, monkeypatch, looks) -> Iterator[WholeSite]:
    """The site with its worker and its PBX; nothing waits for longer than it must."""
    monkeypatch.setattr(comparisons, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(registrations, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(handlers, "_FETCH_PAUSES", (0.05,) * looks)
    monkeypatch.setattr(handlers, "_ACCOUNT_PAUSES", (0.05,) * 100)
    with whole_site(settings, site) as found:
        yield found
    for thread in threading.enumerate():
        if thread.name == "operation":
            thread.join(10)


@pytest.fixture
def gateways(at_work, monkeypatch) -> Gateways:
    """The site with gateways to upload to, which need not be waited for."""
    return hurried(at_work, monkeypatch)
