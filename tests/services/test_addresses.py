"""Where a phone finds its configuration."""

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services.addresses import Addresses
from provisioning.services.site import PublicUrl

MAC = MacAddress.parse("00-15-65-AA-BB-01")
PUBLIC = PublicUrl.parse("https://public.example.org:8443")


def url(**variables: str) -> str | None:
    return Addresses.of(MAC, variables, PUBLIC).url("TOKEN")


def test_without_a_host_name_it_is_the_public_address():
    addresses = Addresses.of(MAC, {"provisioning_url_scheme": "http"}, PUBLIC)

    assert addresses.url("TOKEN") == "https://public.example.org:8443/provisioning/TOKEN"
    assert (addresses.hostname, addresses.scheme) == ("public.example.org", "https")


def test_a_host_name_of_the_settings_comes_with_its_own_scheme():
    assert url(hostname="pbx") == "http://pbx/provisioning/TOKEN"
    assert url(hostname="pbx", provisioning_url_scheme="https") == (
        "https://pbx/provisioning/TOKEN"
    )


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("", ""),
        ("$mac.cfg", "/001565aabb01.cfg"),
        ("{mac}.xml", "/001565aabb01.xml"),
        ("%MACD.xml", "/001565aabb01.xml"),
        ("%25MACD.xml", "/001565aabb01.xml"),
        ("/", ""),
        ("a/$mac-$mac.cfg", "/a/001565aabb01-001565aabb01.cfg"),
    ],
)
def test_placeholders_become_the_address(written, becomes):
    found = url(hostname="pbx", provisioning_url_filename=written)

    assert found == f"http://pbx/provisioning/TOKEN{becomes}"


def test_an_ipv6_address_is_written_in_brackets():
    addresses = Addresses.of(MAC, {"hostname": "2001:db8::1"}, PUBLIC)

    assert addresses.url("TOKEN") == "http://[2001:db8::1]/provisioning/TOKEN"
    assert addresses.hostname == "2001:db8::1"


def test_without_a_token_there_is_no_address():
    assert Addresses.of(MAC, {}, PUBLIC).url(None) is None
    assert Addresses.of(MAC, {}, PUBLIC).url("") is None


@pytest.mark.parametrize(
    ("text", "hostname"),
    [
        ("http://pbx", "pbx"),
        ("https://pbx.example.org:8443", "pbx.example.org"),
        ("http://192.0.2.1:80/", "192.0.2.1"),
        ("http://[2001:db8::1]:8080", "2001:db8::1"),
    ],
)
def test_the_public_address_is_a_scheme_and_a_host(text, hostname):
    found = PublicUrl.parse(text)

    assert found.hostname == hostname
    assert f"{found.scheme}://{found.netloc}" == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        "", "pbx", "pbx:8080", "ftp://pbx", "http://", "http://:80", "http://a b", "http://pbx/path",
        "http://user:pw@pbx", "http://pbx?x=1", "http://pbx#x", "http://pbx:port", "https:/pbx",
        "http://p\u00e9x", "javascript:alert(1)", "http://[::1",
    ],
)  # fmt: skip
def test_what_is_no_public_address_is_refused(text):
    with pytest.raises(ValueError, match=r"URL|host|netloc|IPv6|more than"):
        PublicUrl.parse(text)
