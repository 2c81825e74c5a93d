"""YMCS: tokens, serial numbers, PINs, and what its codes mean."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from rps_accounts import OTHER_URL, SERIAL, URL, device, opened, refusing

from peers.rps.cloud import Response
from peers.rps.ymcs import FakeYmcs
from provisioning.connect.rps.problems import (
    DetailNeeded,
    OwnedElsewhere,
    Passing,
    Refused,
    Unclear,
    WrongCredentials,
)
from provisioning.connect.rps.remembered import Remembered
from provisioning.connect.rps.service import LookUp, Presence, RedirectDevice
from provisioning.connect.rps.ymcs import Ymcs
from provisioning.engine.mac import MacAddress

PHONE = RedirectDevice(MacAddress("001565010203"), "yealink", serial=SERIAL)
WITHOUT_SERIAL = RedirectDevice(PHONE.mac, "yealink")


@pytest.fixture
def cloud():
    with FakeYmcs() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


def paths(cloud) -> list[str]:
    return [f"{request.method} {request.path}" for request in cloud.asked]


def test_one_token_serves_many_threads_and_openings(cloud):
    def register(number):
        with opened(cloud) as service:
            service.register(device(cloud, number), URL)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(register, range(1, 30)))
    assert cloud.tokens_given == 1


def test_a_token_that_holds_no_more_is_renewed_once(cloud, service):
    service.register(PHONE, URL)
    cloud.revoke_tokens()
    service.register(PHONE, OTHER_URL)
    assert cloud.devices == {PHONE.mac.bare: OTHER_URL}
    assert cloud.tokens_given == 2


def test_a_new_token_that_is_refused_too_is_the_end(cloud, service):
    cloud.answer = lambda request: (
        FakeYmcs.answer(cloud, request)
        if request.path == "/v2/token"
        else Response.of_json({"code": "900401", "message": "not signed in"}, 401)
    )
    with refusing(WrongCredentials, cloud):
        service.register(PHONE, URL)
    assert cloud.tokens_given == 2


@pytest.mark.parametrize("code", ["900401", "900440"])
def test_an_old_session_is_told_by_its_code_too(cloud, service, code):
    service.register(PHONE, URL)
    answers = iter([Response.of_json({"code": code, "message": "session expired"}, 400)])
    cloud.answer = lambda request: next(answers, None) or FakeYmcs.answer(cloud, request)
    service.register(PHONE, OTHER_URL)
    assert cloud.devices == {PHONE.mac.bare: OTHER_URL}


def test_a_token_is_renewed_a_minute_before_its_end(cloud):
    now = [1000.0]
    kept = Remembered(clock=lambda: now[0])
    settings = cloud.settings
    with Ymcs(settings["base_url"], settings["client_id"], cloud.secret, 10, kept) as service:
        service.look_up(PHONE)
        now[0] += cloud.token_seconds - 61
        service.look_up(PHONE)
        assert cloud.tokens_given == 1
        now[0] += 1
        service.look_up(PHONE)
        assert cloud.tokens_given == 2


@pytest.mark.parametrize("seconds", [0, -5, None, "3600", float("nan")])
def test_a_token_without_a_usable_end_is_used_once(cloud, service, seconds):
    cloud.token_seconds = seconds
    service.look_up(PHONE)
    service.look_up(PHONE)
    assert cloud.tokens_given == 2


def test_a_changed_secret_uses_no_token_of_the_old_one(cloud, service):
    """A wrong secret would seem right for as long as the old token holds."""
    service.look_up(PHONE)
    with opened(cloud, client_secret="wrong") as other, refusing(WrongCredentials, cloud):
        other.look_up(PHONE)


def test_a_failure_to_get_a_token_is_not_remembered(cloud, service):
    cloud.trouble("unavailable", at="/v2/token")
    with refusing(Passing, cloud):
        service.look_up(PHONE)
    cloud.recover()
    assert service.look_up(PHONE).presence == Presence.ABSENT


@pytest.mark.parametrize(
    "told", [{}, [], {"access_token": 7}, {"access_token": "a\nb", "expires_in": 60}]
)
def test_a_token_that_is_none_is_not_used(cloud, service, told):
    cloud.answer = lambda request: Response.of_json(told)
    with refusing(Passing, cloud) as refused:
        service.look_up(PHONE)
    assert refused.value.code == "unknown_response_from_provider"
    assert paths(cloud) == ["POST /v2/token"]


def test_a_known_phone_is_changed_in_place(cloud, service):
    """Falconieri deletes first: when its second step fails, a phone has no entry at all."""
    service.register(PHONE, URL)
    before = len(cloud.asked)
    service.register(PHONE, OTHER_URL)
    assert [path.split("/")[0:4] for path in paths(cloud)[before:]] == [
        ["POST ", "v2", "rps", "listDevices"],
        ["PATCH ", "v2", "rps", "devices"],
        ["POST ", "v2", "rps", "listDevicePins"],
    ]


def test_a_phone_is_added_with_its_serial_number(cloud, service):
    service.register(PHONE, URL)
    assert cloud.serials == {PHONE.mac.bare: SERIAL}


def test_an_ordinary_account_needs_the_serial_number(cloud, service):
    """Adding by MAC address alone is closed: 403, 900403 (nemerald-voip/fspbx 600)."""
    with refusing(DetailNeeded, cloud) as refused:
        service.register(WITHOUT_SERIAL, URL)
    assert (refused.value.code, refused.value.detail) == ("serial_number_required", "serial")
    assert cloud.devices == {}


def test_a_known_phone_needs_no_serial_number(cloud, service):
    service.register(PHONE, URL)
    service.register(WITHOUT_SERIAL, OTHER_URL)
    assert cloud.devices == {PHONE.mac.bare: OTHER_URL}


def test_an_account_that_may_adds_phones_without_serial_numbers(cloud, service):
    cloud.may_add_by_mac = True
    service.register(WITHOUT_SERIAL, URL)
    assert cloud.devices == {PHONE.mac.bare: URL}


def test_a_failure_inside_a_batch_is_a_failure(cloud, service):
    """A batch answers 200 and tells in its body what failed."""
    cloud.may_add_by_mac = True
    cloud.give_to_others(PHONE.mac.bare)
    with refusing(OwnedElsewhere, cloud):
        service.register(WITHOUT_SERIAL, URL)


@pytest.mark.parametrize(
    ("result", "kind", "code"),
    [
        ({"failureCount": 1, "errors": [{"errorInfo": 800001}]}, Refused, "not_valid_mac_address"),
        (
            {"failureCount": 1, "errors": [{"errorInfo": "x device.mac.invalid"}]},
            Refused,
            "not_valid_mac_address",
        ),
        (
            {"failureCount": 1, "errors": [{"errorInfo": "Device already managed"}]},
            OwnedElsewhere,
            "device_owned_by_other_user",
        ),
        ({"failureCount": 1, "errors": None}, Unclear, "unknown_provider_error"),
        ({"failureCount": 1}, Unclear, "unknown_provider_error"),
        ({}, Passing, "unknown_response_from_provider"),
        ([], Passing, "unknown_response_from_provider"),
    ],
)
def test_the_result_of_a_batch_is_read(cloud, service, result, kind, code):
    cloud._addDevicesByMac = lambda body: Response.of_json(result)
    with refusing(kind, cloud) as refused:
        service.register(WITHOUT_SERIAL, URL)
    assert refused.value.code == code


def test_a_removal_that_failed_is_a_failure(cloud, service):
    service.register(PHONE, URL)
    failed = {"failureCount": 1, "errors": [{"field": "mac", "msg": "device is locked"}]}
    cloud._delDevices = lambda body: Response.of_json(failed)
    with refusing(Unclear, cloud) as refused:
        service.remove(PHONE)
    assert refused.value.said == "device is locked"


def test_the_pin_comes_with_the_registration(cloud, service):
    """The PIN was dropped, and the phone asks for it (NethServer/dev 7765)."""
    assert service.register(PHONE, URL).pin == cloud.pin_of(PHONE.mac.bare)


@pytest.mark.parametrize("pins", [[], None, [{"mac": "001565ffffff", "pin": "1"}], [7], {}])
def test_a_registration_without_a_pin_is_one(cloud, service, pins):
    cloud._listDevicePins = lambda body: Response.of_json(pins)
    assert service.register(PHONE, URL).pin is None
    assert cloud.devices == {PHONE.mac.bare: URL}


def test_pins_that_cannot_be_asked_for_undo_no_registration(cloud, service):
    cloud.tells_pins = False
    assert service.register(PHONE, URL).pin is None
    assert cloud.devices == {PHONE.mac.bare: URL}


def test_a_url_that_is_too_long_for_it_is_not_sent(cloud, service):
    room = 256 - len("https://pbx.example.org/")
    service.register(PHONE, "https://pbx.example.org/" + "x" * room)
    sent = len(cloud.asked)
    with refusing(Refused, cloud) as refused:
        service.register(PHONE, "https://pbx.example.org/" + "x" * (room + 1))
    assert refused.value.code == "malformed_url"
    assert len(cloud.asked) == sent


def test_an_entry_bound_to_a_named_server_tells_the_servers_url(cloud, service):
    entry = {"id": "a-1", "mac": PHONE.mac.bare.upper(), "serverUrl": URL, "uniqueServerUrl": ""}
    cloud._listDevices = lambda body: Response.of_json({"data": [{"mac": None}, 7, entry]})
    assert service.look_up(PHONE) == LookUp(Presence.OURS, URL)


def test_a_phone_with_a_similar_address_is_another(cloud, service):
    entry = {"id": "a-1", "mac": "001565010204", "uniqueServerUrl": URL}
    cloud._listDevices = lambda body: Response.of_json({"data": [entry]})
    assert service.look_up(PHONE) == LookUp(Presence.ABSENT)


@pytest.mark.parametrize("told", ["../servers/1", "", None, "a/b", "a?b"])
def test_an_id_that_would_lead_elsewhere_is_not_used(cloud, service, told):
    entry = {"id": told, "mac": PHONE.mac.bare}
    cloud._listDevices = lambda body: Response.of_json({"data": [entry]})
    with refusing(Passing, cloud) as refused:
        service.register(PHONE, URL)
    assert refused.value.code == "unknown_response_from_provider"
    assert not any(request.method == "PATCH" for request in cloud.asked)


@pytest.mark.parametrize(
    ("code", "status", "kind", "meaning"),
    [
        (800001, 400, Refused, "not_valid_mac_address"),
        (800002, 400, DetailNeeded, "serial_number_invalid"),
        (800003, 400, OwnedElsewhere, "device_owned_by_other_user"),
        (800004, 400, OwnedElsewhere, "device_owned_by_other_user"),
        (800005, 400, Refused, "not_valid_mac_address"),
        (800007, 400, Refused, "request_refused"),
        (800008, 400, Refused, "request_refused"),
        (900403, 403, WrongCredentials, "access_denied"),
        (900404, 404, Passing, "provider_remote_call_failed"),
        (900408, 408, Passing, "provider_remote_call_failed"),
        (900412, 412, Passing, "provider_remote_call_failed"),
        (900429, 400, Passing, "rate_limited"),
        (900500, 500, Passing, "provider_remote_call_failed"),
        (500403, 403, Passing, "provider_remote_call_failed"),
        (123456, 400, Refused, "request_refused"),
        (123456, 500, Passing, "provider_remote_call_failed"),
    ],
)
def test_the_code_decides_before_the_status(cloud, service, code, status, kind, meaning):
    error = {"code": code, "requestId": "r", "message": "no", "details": [{"message": "never"}]}
    cloud._devices = lambda body: Response.of_json(error, status)
    with refusing(kind, cloud) as refused:
        service.register(PHONE, URL)
    assert refused.value.code == meaning
    assert "never" in refused.value.said
