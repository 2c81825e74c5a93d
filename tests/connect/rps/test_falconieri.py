"""The gateway: providers, the code of Gigaset phones, and what its errors mean."""

import pytest
from rps_accounts import URL, opened, refusing

from peers.rps.cloud import Response
from peers.rps.falconieri import FakeFalconieri
from provisioning.connect.rps.problems import (
    DetailNeeded,
    NotSupported,
    OwnedElsewhere,
    Passing,
    Refused,
    Unclear,
    WrongCredentials,
)
from provisioning.connect.rps.service import RedirectDevice
from provisioning.engine.mac import MacAddress

MAC = MacAddress("0c383e010203")


@pytest.fixture
def cloud():
    with FakeFalconieri() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


def phone_of(vendor: str, check_code: str = "") -> RedirectDevice:
    return RedirectDevice(MAC, vendor, check_code=check_code)


@pytest.mark.parametrize(
    ("vendor", "provider"),
    [
        ("yealink", "yealink"),
        ("snom", "snom"),
        ("gigaset", "gigaset"),
        ("fanvil", "fanvil"),
        ("nethesis", "fanvil"),
    ],
)
def test_a_phone_goes_to_the_service_of_its_vendor(cloud, service, vendor, provider):
    """It has no provider for NethPhones: they are Fanvil's."""
    service.register(phone_of(vendor, "AB12"), URL)
    assert cloud.by_provider == {provider: {MAC.bare}}
    assert cloud.asked[0].path == f"/providers/{provider}/0C-38-3E-01-02-03"


@pytest.mark.parametrize(
    ("vendor", "field", "provider"),
    [
        ("yealink", "yealink_provider", "ymcs"),
        ("snom", "snom_provider", "sraps"),
        ("gigaset", "gigaset_provider", "grape"),
    ],
)
def test_a_vendors_newer_service_can_be_chosen(cloud, vendor, field, provider):
    with opened(cloud, **{field: provider}) as service:
        service.register(phone_of(vendor), URL)
    assert cloud.by_provider == {provider: {MAC.bare}}


def test_a_vendor_without_a_service_is_not_sent(cloud, service):
    with refusing(NotSupported, cloud) as refused:
        service.register(phone_of("akuvox"), URL)
    assert refused.value.code == "provider_not_supported"
    assert cloud.asked == []


def test_a_provider_that_the_gateway_has_not_switched_on_is_told(cloud, service):
    cloud.enabled.remove("snom")
    with refusing(NotSupported, cloud) as refused:
        service.register(phone_of("snom"), URL)
    assert refused.value.code == "provider_not_supported"


def test_only_gigasets_older_service_gets_the_code_behind_the_address(cloud, service):
    service.register(phone_of("gigaset", "AB12"), URL)
    service.register(phone_of("yealink", "AB12"), URL)
    assert [request.query for request in cloud.asked] == [{"crc": "AB12"}, {}]


@pytest.mark.parametrize("code", ["ab12", "AB1", "AB123", "AB-1", "ÀB12"])
def test_a_code_that_is_none_is_not_sent(cloud, service, code):
    with refusing(DetailNeeded, cloud) as refused:
        service.register(phone_of("gigaset", code), URL)
    assert (refused.value.code, refused.value.detail) == (
        "invalid_mac-id_crc_format", "check_code",
    )  # fmt: skip
    assert cloud.asked == []


def test_a_gateway_that_wants_the_code_says_so(cloud, service):
    with refusing(DetailNeeded, cloud) as refused:
        service.register(phone_of("gigaset"), URL)
    assert (refused.value.code, refused.value.detail) == ("missing_mac-id_crc", "check_code")


def test_the_pin_of_a_yealink_phone_comes_back(cloud):
    """NethVoice drops the PIN (NethServer/dev 7765)."""
    with opened(cloud, yealink_provider="ymcs") as service:
        assert service.register(phone_of("yealink"), URL).pin == "123456"
        cloud.pin = None
        assert service.register(phone_of("yealink"), URL).pin is None


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("connection_to_remote_provider_failed", Passing, "connection_to_remote_provider_failed"),
        ("provider_remote_call_failed", Passing, "provider_remote_call_failed"),
        ("read_remote_response_failed", Passing, "read_remote_response_failed"),
        ("unknown_response_from_provider", Passing, "unknown_response_from_provider"),
        ("unknow_response_from_provider", Passing, "unknown_response_from_provider"),
        ("malformed_url", Refused, "malformed_url"),
        ("not_valid_mac_address", Refused, "not_valid_mac_address"),
        ("device_owned_by_other_user", OwnedElsewhere, "device_owned_by_other_user"),
        ("unknown_provider_error: Error:out_of_stamps", Unclear, "unknown_provider_error"),
        ("something_new", Unclear, "unknown_provider_error"),
    ],
)
def test_the_error_decides_and_not_the_status(cloud, service, error, kind, code):
    """Faults that no repetition mends have the status of passing ones."""
    cloud.vendor_says = error
    with refusing(kind, cloud) as refused:
        service.register(phone_of("yealink"), URL)
    assert refused.value.code == code
    assert refused.value.retryable == (kind in (Passing, Unclear))


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ("missing_mac_address", Refused, "not_valid_mac_address"),
        ("malformed_mac_address", Refused, "not_valid_mac_address"),
        ("missing_url", Refused, "malformed_url"),
        ("unable_to_parse_url", Refused, "malformed_url"),
        ("unsupported_url_scheme", Refused, "unsupported_url_scheme"),
        ("something_new", Refused, "request_refused"),
    ],
)
def test_a_400_is_final(cloud, service, error, kind, code):
    cloud.answer = lambda request: Response.of_json({"error": error}, 400)
    with refusing(kind, cloud) as refused:
        service.register(phone_of("yealink"), URL)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("response", "kind", "code"),
    [
        (Response(403, b"<html>403</html>"), WrongCredentials, "access_denied"),
        (Response(404), Refused, "request_refused"),
        (Response(500), Unclear, "unknown_provider_error"),
        (Response(502, b"<html>502</html>"), Passing, "provider_remote_call_failed"),
        (Response(504), Passing, "provider_remote_call_failed"),
        (Response(200, b"[]"), Passing, "unknown_response_from_provider"),
        (Response(200, b"[" * 100_000), Passing, "unknown_response_from_provider"),
        (Response.of_json({"error": 7}, 503), Passing, "provider_remote_call_failed"),
    ],
)
def test_the_front_proxy_answers_in_its_own_way(cloud, service, response, kind, code):
    cloud.answer = lambda request: response
    with refusing(kind, cloud) as refused:
        service.register(phone_of("yealink"), URL)
    assert refused.value.code == code


def test_what_the_vendor_said_is_told_without_the_url(cloud, service):
    """The vendor's text, which may repeat the URL, stands inside the code."""
    cloud.vendor_says = f"unknown_provider_error: no <b>stamps</b>\r\nleft for {URL} today"
    with refusing(Unclear, cloud) as refused:
        service.register(phone_of("yealink"), URL)
    assert refused.value.said == "no stamps left for … today"
    assert str(refused.value).endswith('It said: "no stamps left for … today"')


def test_a_plus_and_a_percent_sign_reach_the_vendor(cloud, service):
    """The gateway decodes URLs once too often: a plus becomes a blank."""
    url = "https://pbx.example.org/a+b/%25MACD.xml?c=d+e%2Bf"
    service.register(phone_of("yealink"), url)
    assert cloud.devices[MAC.bare] == url


@pytest.mark.parametrize("end", ["?a=b", "#a", "%41", "?"])
def test_what_the_gateway_drops_for_fanvil_is_refused(cloud, service, end):
    with refusing(Refused, cloud) as refused:
        service.register(phone_of("nethesis"), URL + end)
    assert refused.value.code == "malformed_url"
    assert cloud.asked == []
