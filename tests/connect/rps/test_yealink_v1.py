"""Yealink's signed JSON API: the signature, and ways between add and edit."""

import httpx
import pytest
from rps_accounts import OTHER_URL, URL, device, opened, refusing

from peers.rps import yealink_v1 as peer
from peers.rps.cloud import Request, Response
from provisioning.connect.rps.problems import (
    OwnedElsewhere,
    Passing,
    Refused,
    Unclear,
    WrongCredentials,
)
from provisioning.connect.rps.service import LookUp, Presence
from provisioning.connect.rps.yealink_v1 import XCaAuth

KEY, SECRET = "test-key", "test-secret"
NONCE, TIMESTAMP = "0123456789abcdef0123456789abcdef", 1544008291631
ADD = httpx.Request(
    "POST",
    "https://api-dm.yealink.com:8443/api/open/v1/device/add",
    content=b'{"macs":["001565123123"]}',
)
CHECK = httpx.Request(
    "GET", "https://api-dm.yealink.com:8443/api/open/v1/device/checkMac?mac=001565123123"
)
VECTORS = [
    (ADD, "02NunYoJmKYEAYkDCvzD1Q==", "WZ8X5kH8Qhdsr4mbxU/j70r01D4TyNnKBZv9tfeB250="),
    (CHECK, None, "pSkZCOqrnMxZxz2FygUzxEJ485xYvm+hQErepbiG+Gw="),
]


@pytest.fixture
def cloud():
    with peer.FakeYealinkV1() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


def as_received(request: httpx.Request, headers: dict[str, str]) -> Request:
    target = request.url.raw_path.decode()
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(request.method, target, lower, request.content)


@pytest.mark.parametrize(("request_", "digest", "signature"), VECTORS)
def test_signatures_are_those_of_the_vectors(request_, digest, signature):
    headers = XCaAuth(KEY, SECRET).headers(request_, NONCE, TIMESTAMP)
    assert headers.get("Content-MD5") == digest
    assert headers["X-Ca-Signature"] == signature


@pytest.mark.parametrize(("request_", "digest", "signature"), VECTORS)
def test_the_played_service_signs_like_the_vectors(request_, digest, signature):
    headers = {"X-Ca-Key": KEY, "X-Ca-Nonce": NONCE, "X-Ca-Timestamp": str(TIMESTAMP)}
    if digest:
        headers["Content-MD5"] = digest
        assert peer.content_md5(request_.content) == digest
    text = peer.string_to_sign(as_received(request_, headers))
    assert peer.signature(SECRET, text) == signature


def test_parameters_are_signed_in_order_and_an_empty_one_by_its_name():
    request = httpx.Request("GET", "https://h.example.org/api/x?b=2&c=&a=1")
    headers = XCaAuth(KEY, SECRET).headers(request, NONCE, TIMESTAMP)
    text = f"GET\nX-Ca-Key:{KEY}\nX-Ca-Nonce:{NONCE}\nX-Ca-Timestamp:{TIMESTAMP}\napi/x\na=1&b=2&c"
    assert headers["X-Ca-Signature"] == peer.signature(SECRET, text)


def test_a_known_phone_is_edited_and_never_deleted(cloud, service):
    service.register(device(cloud), URL)
    before = len(cloud.asked)
    service.register(device(cloud), OTHER_URL)
    assert [r.path.rpartition("/")[2] for r in cloud.asked[before:]] == ["checkMac", "list", "edit"]


def test_an_own_phone_that_is_in_no_list_is_added_anew(cloud, service):
    cloud.unbound.add(device(cloud).mac.bare)
    assert service.look_up(device(cloud)) == LookUp(Presence.OURS, "")
    service.register(device(cloud), URL)
    assert cloud.devices == {device(cloud).mac.bare: URL}
    assert cloud.unbound == set()


def test_a_phone_with_a_similar_address_is_not_edited(cloud, service):
    """The list is searched by a text that others may contain."""
    service.register(device(cloud, 2), OTHER_URL)
    service.register(device(cloud), URL)
    found = [
        {"id": "1", "mac": None},
        {"id": "2", "mac": "00:15:65:00:00:02"},
        {"id": "3", "mac": "00:15:65:00:00:01", "uniqueServerUrl": "", "serverUrl": OTHER_URL},
    ]
    cloud._post_device_list = lambda body: Response.of_json({"ret": 1, "data": {"data": found}})
    assert service.look_up(device(cloud)) == LookUp(Presence.OURS, OTHER_URL)


def test_a_phone_that_only_adding_shows_to_be_anothers_is_told(cloud, service):
    """Foreign ownership can sometimes only be seen by trying to add."""
    cloud.give_to_others(device(cloud).mac.bare)
    cloud._get_device_checkMac = lambda query: Response.of_json(
        {"ret": 1, "data": {"existed": False, "self": False}}
    )
    with refusing(OwnedElsewhere, cloud):
        service.register(device(cloud), URL)


@pytest.mark.parametrize(
    ("envelope", "status", "kind", "code"),
    [
        (
            {"ret": -1, "error": {"msg": "device.mac.invalid"}},
            200,
            Refused,
            "not_valid_mac_address",
        ),
        (
            {"ret": -1, "error": {"msg": "x", "fieldErrors": [{"msg": "device.mac.invalid"}]}},
            200,
            Refused,
            "not_valid_mac_address",
        ),
        (
            {"ret": -1, "error": {"msg": "device.not.found"}},
            200,
            Passing,
            "provider_remote_call_failed",
        ),
        (
            {"ret": -1, "error": {"msg": "accesskey.id.invalid"}},
            200,
            WrongCredentials,
            "wrong_credentials",
        ),
        (
            {"ret": -1, "error": {"msg": "service.common.token.unauthorized"}},
            500,
            WrongCredentials,
            "wrong_credentials",
        ),
        ({"ret": -1, "error": {"msg": "Content.MD5.invalid"}}, 200, Refused, "request_refused"),
        ({"ret": -1, "error": {"msg": "some.thing.new"}}, 200, Unclear, "unknown_provider_error"),
        ({"ret": -1, "error": None}, 200, Unclear, "unknown_provider_error"),
        ({"ret": -1, "error": {"fieldErrors": 7}}, 500, Passing, "provider_remote_call_failed"),
        # Regional hosts refuse this scheme and want version 2, a third party says.
        ({"code": "500401"}, 401, WrongCredentials, "wrong_credentials"),
        ({"data": {}}, 200, Passing, "unknown_response_from_provider"),
        ([], 200, Passing, "unknown_response_from_provider"),
        ({"ret": 1, "data": []}, 200, Passing, "unknown_response_from_provider"),
    ],
)
def test_what_the_service_says_is_told_apart(cloud, service, envelope, status, kind, code):
    cloud.answer = lambda request: Response.of_json(envelope, status)
    with refusing(kind, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == code
