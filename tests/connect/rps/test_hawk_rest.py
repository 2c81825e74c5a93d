"""SRAPS and GRAPE: Hawk's public vectors, look-ups that are kept, links that are followed."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import mohawk
import pytest
from rps_accounts import OTHER_URL, URL, device, opened, refusing

from peers.rps import hawk_rest as peer
from peers.rps.cloud import Response
from provisioning.connect.rps.hawk_rest import KEEP_SECONDS, Flavour, HawkAuth, HawkRest
from provisioning.connect.rps.problems import (
    OwnedElsewhere,
    Passing,
    Refused,
    WrongCredentials,
)
from provisioning.connect.rps.remembered import Remembered
from provisioning.connect.rps.service import LookUp, Presence

KEY = "werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn"
VECTOR_URL = "http://example.com:8000/resource/1?b=1&a=2"
FIXED = {"ts": "1353832234", "nonce": "j4h3g2", "ext": "some-app-ext-data"}
HASH = "Yi9LfIIFRtBEPt74PVmbTF/xVAwPn7ub15ePICfgnuY="
BODY = "Thank you for flying Hawk"
GET_MAC = "6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE="
POST_MAC = "aSe1DERmZuRl3pI36/9BdZmnErTw3sNzOOAUlfeKjVw="
HASH_OF_NOTHING = "B0weSUXsMcb5UhL41FZbrUJCAotzSI3HawE1NPLRUz8="


@pytest.fixture(params=[peer.FakeSraps, peer.FakeGrape], ids=lambda cloud: cloud.kind)
def cloud(request):
    with request.param() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


@pytest.mark.parametrize(
    ("method", "content", "content_type", "mac"),
    [
        ("GET", mohawk.base.EmptyValue, mohawk.base.EmptyValue, GET_MAC),
        ("POST", BODY, "text/plain", POST_MAC),
    ],
)
def test_the_library_signs_like_the_public_vectors(method, content, content_type, mac):
    sender = mohawk.Sender(
        {"id": "dh37fgj492je", "key": KEY, "algorithm": "sha256"},
        VECTOR_URL,
        method,
        content=content,
        content_type=content_type,
        always_hash_content=False,
        ext=FIXED["ext"],
        nonce=FIXED["nonce"],
        _timestamp=FIXED["ts"],
    )
    assert peer.attributes_of(sender.request_header)["mac"] == mac


def test_the_played_service_verifies_like_the_public_vectors():
    assert peer.payload_hash("text/plain", BODY.encode()) == HASH
    assert peer.payload_hash("Text/Plain; charset=utf-8", BODY.encode()) == HASH
    assert peer.mac_of(KEY, "GET", VECTOR_URL, FIXED) == GET_MAC
    assert peer.mac_of(KEY, "POST", VECTOR_URL, {**FIXED, "hash": HASH}) == POST_MAC


@pytest.mark.parametrize("key", ["plain", "gehëim ß"])
@pytest.mark.parametrize(
    ("method", "content", "headers", "hashed"),
    [
        ("GET", None, {}, HASH_OF_NOTHING),
        ("POST", BODY.encode(), {"Content-Type": "text/plain; charset=utf-8"}, HASH),
    ],
)
def test_a_request_is_signed_whole(key, method, content, headers, hashed):
    request = httpx.Request(method, VECTOR_URL, content=content, headers=headers)
    next(HawkAuth("ck_1", key).auth_flow(request))
    attributes = peer.attributes_of(request.headers["Authorization"])
    assert (attributes["id"], attributes["hash"]) == ("ck_1", hashed)
    assert len(attributes["nonce"]) == 22  # 16 bytes
    assert attributes["mac"] == peer.mac_of(key, method, VECTOR_URL, attributes)


def test_look_ups_are_done_once_for_all_threads_and_openings(cloud):
    def register(number):
        with opened(cloud) as service:
            service.register(device(cloud, number), URL)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(register, range(1, 30)))
    assert cloud.look_ups == 1
    assert len(cloud.asked) == 4 + 29  # token, company, two pages of settings


def test_look_ups_are_done_anew_after_an_hour(cloud):
    now = [1000.0]
    kept = Remembered(clock=lambda: now[0])
    flavour = Flavour("Any", cloud.setting)
    with HawkRest(flavour, cloud.url, cloud.user, cloud.secret, 10, kept) as service:
        service.look_up(device(cloud))
        now[0] += KEEP_SECONDS - 1
        service.look_up(device(cloud))
        assert cloud.look_ups == 1
        now[0] += 1
        service.look_up(device(cloud))
        assert cloud.look_ups == 2


@pytest.mark.parametrize("at", ["tokens/", "companies/", "settings/", "page=2"])
def test_a_failed_look_up_is_not_remembered(cloud, service, at):
    cloud.trouble("unavailable", at=at, times=1)
    with refusing(Passing, cloud):
        service.register(device(cloud), URL)
    service.register(device(cloud), URL)
    assert cloud.devices == {device(cloud).mac.bare: URL}


def test_places_that_hold_no_more_are_looked_up_anew(cloud, service):
    service.register(device(cloud), URL)
    cloud.company = "moved"
    with refusing(Refused, cloud):
        service.register(device(cloud), OTHER_URL)
    service.register(device(cloud), OTHER_URL)
    assert cloud.devices == {device(cloud).mac.bare: OTHER_URL}


@pytest.mark.parametrize("foreign", ["https://evil.example.net", "http://127.0.0.1:1", "//evil"])
def test_a_link_to_another_server_is_never_followed(cloud, service, foreign):
    """Whoever answers must not have signed requests sent to where he likes."""
    cloud.host_in_links = foreign
    with refusing(Passing, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == "unknown_response_from_provider"
    assert cloud.devices == {}


@pytest.mark.parametrize("link", [None, 7, "http://[bad", {"href": "x"}])
def test_a_link_that_is_none_is_not_followed(cloud, service, link):
    cloud._link = lambda path: link
    with refusing(Passing, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == "unknown_response_from_provider"


def test_relative_links_are_followed(cloud, service):
    cloud._link = lambda path: cloud.root + path
    service.register(device(cloud), URL)
    assert cloud.devices == {device(cloud).mac.bare: URL}


def test_an_account_without_the_setting_is_no_account_of_the_service(cloud, service):
    cloud.setting = "renamed"
    with refusing(Passing, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == "unknown_response_from_provider"


def test_pages_that_never_end_are_given_up(cloud, service):
    following = f"<{cloud.url}settings/?page=1>; rel=next"
    cloud._settings = lambda request: Response.of_json([], Link=following)
    with refusing(Passing, cloud):
        service.register(device(cloud), URL)
    assert len(cloud.asked) < 30


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ({"settings_manager": {"UUID": {"value": OTHER_URL}}}, OTHER_URL),
        (
            {"settings_manager": {"UUID": {"value": URL}}, "autoprovisioning_enabled": False},
            "",
        ),
        ({"settings_manager": {"UUID": {"value": ""}}}, ""),
        ({"settings_manager": {"UUID": None}}, ""),
        ({"settings_manager": {"other": {"value": URL}}}, ""),
        ({"settings_manager": None}, ""),
        ({}, ""),
    ],
)
def test_an_entry_that_sends_nowhere_is_told(cloud, service, entry, url):
    cloud.uuid = "UUID"
    cloud._device = lambda request, mac: Response.of_json(entry)
    assert service.look_up(device(cloud)) == LookUp(Presence.OURS, url)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (
            {"message": "taken_mac_or_forbidden"},
            400,
            OwnedElsewhere,
            "device_owned_by_other_user",
        ),
        ({"error": "User lacks permission to endpoint"}, 403, OwnedElsewhere, None),
        ({"detail": "User lacks permission to endpoint"}, 500, OwnedElsewhere, None),
        ({"detail": "This key has no role"}, 403, WrongCredentials, "access_denied"),
        ({"message": "bad value"}, 400, Refused, "request_refused"),
        ({"message": "try again"}, 502, Passing, "provider_remote_call_failed"),
        (["taken_mac_or_forbidden"], 400, Refused, "request_refused"),
    ],
)
def test_errors_are_told_apart_by_their_text(cloud, service, error, status, kind, code):
    cloud._device = lambda request, mac: Response.of_json(error, status)
    with refusing(kind, cloud) as refused:
        service.register(device(cloud), URL)
    assert code in (None, refused.value.code)


def test_a_registration_says_nothing_of_the_warranty(cloud, service):
    """Sending null sets the warning period back to the server's default (Snom's SRAPS)."""
    service.register(device(cloud), URL)
    [put] = [request for request in cloud.asked if request.method == "PUT"]
    assert set(put.json()) == {"mac", "autoprovisioning_enabled", "settings_manager"}


def test_the_library_writes_no_bodies_into_the_log(cloud, service, caplog):
    """At the level DEBUG it logs what it signs, the URL with its token included."""
    service.register(device(cloud), URL)
    assert [record for record in caplog.records if record.name.startswith("mohawk")] == []
