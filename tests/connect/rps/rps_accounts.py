"""One account at every redirect service, for tests that all services must pass."""

import base64
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5

import pytest

from peers.rps.cloud import Cloud
from peers.rps.falconieri import FakeFalconieri
from peers.rps.fanvil import FakeFanvil
from peers.rps.gigaset_xml_rpc import FakeGigasetXmlRpc, check_code
from peers.rps.hawk_rest import FakeGrape, FakeSraps
from peers.rps.snom_xml_rpc import FakeSnomXmlRpc
from peers.rps.yealink_v1 import FakeYealinkV1
from peers.rps.yealink_xml_rpc import FakeYealinkXmlRpc
from peers.rps.ymcs import FakeYmcs
from provisioning.connect.rps.catalogue import open_service, service_kinds
from provisioning.connect.rps.problems import RedirectProblem
from provisioning.connect.rps.service import RedirectDevice, RedirectService
from provisioning.engine.mac import MacAddress

CLOUDS: list[type[Cloud]] = [
    FakeFalconieri, FakeYmcs, FakeYealinkV1, FakeYealinkXmlRpc, FakeSraps, FakeSnomXmlRpc,
    FakeGrape, FakeGigasetXmlRpc, FakeFanvil,
]  # fmt: skip
SERIAL = "3106019042301234"
TOKEN = "1f0e3dad99908345f7439f8ffabdffc4"
URL = f"https://pbx.example.org/provisioning/{TOKEN}/file.cfg"
OTHER_URL = "https://pbx.example.org:8443/provisioning/98f13708210194c475687be6106a3b84"
TIMEOUT = 10.0


def device(cloud: Cloud, number: int = 1) -> RedirectDevice:
    """A device of a vendor that the service serves, with all that its label tells."""
    mac = MacAddress(f"001565{number:06x}")
    vendor = service_kinds()[cloud.kind].vendors[-1]
    return RedirectDevice(mac, vendor, serial=SERIAL, check_code=check_code(mac.bare))


def opened(cloud: Cloud, timeout: float = TIMEOUT, **settings: str) -> RedirectService:
    """The service, as the application opens it; ``settings`` are other than the right ones."""
    return open_service(cloud.kind, {**cloud.settings, **settings}, timeout)


def secrets_of(cloud: Cloud, secret: str) -> list[str]:
    """What must be repeated nowhere."""
    digest = md5(md5(secret.encode()).hexdigest().encode()).hexdigest()
    pairs = [f"{cloud.user}:{proof}".encode() for proof in (secret, digest)]
    return [secret, digest, TOKEN, SERIAL, *(base64.b64encode(pair).decode() for pair in pairs)]


@contextmanager
def refusing(kind: type[RedirectProblem], cloud: Cloud) -> Iterator["pytest.ExceptionInfo"]:
    """Like ``pytest.raises``; the problem must also be fit to be shown and logged."""
    secret = cloud.secret
    with pytest.raises(kind) as caught:
        yield caught
    problem = caught.value
    assert type(problem) is kind, repr(problem)
    assert problem.service == service_kinds()[cloud.kind].name
    written = "".join(traceback.format_exception(problem)) + repr(problem) + repr(vars(problem))
    for word in secrets_of(cloud, secret):
        assert word not in written
    assert str(problem).startswith(f"{problem.service}: {problem.sentence}")
