"""Every redirect service, played on loopback, and a look at what was logged meanwhile."""

import logging

import pytest
from rps_accounts import CLOUDS, opened, secrets_of


@pytest.fixture(params=CLOUDS, ids=lambda cloud: cloud.kind)
def cloud(request):
    with request.param() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(request, caplog):
    """Libraries below write requests into their logs, one of them whole bodies."""
    played = "cloud" in request.fixturenames and request.getfixturevalue("cloud")
    secret = played and played.secret
    caplog.set_level(logging.DEBUG)
    yield
    if played:
        for word in secrets_of(played, secret):
            assert word not in caplog.text
