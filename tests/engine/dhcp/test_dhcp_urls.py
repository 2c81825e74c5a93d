"""What may go into a DHCP server's configuration."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.dhcp.urls import (
    BaseUrlRefused,
    OwnUrlRefused,
    check_base_url,
    check_own_url,
    parted,
)
from provisioning.engine.mac import MacAddress

MAC = MacAddress.parse("0c:11:05:00:00:01")
STRANGE = [
    "", "pbx.example.org/provisioning", "ftp://pbx.example.org/provisioning",
    "tftp://192.0.2.1/provisioning", "https://pbx.example.org", "https:///provisioning",
    "https://pbx.example.org/provisioning\n", "https://pbx.example.org/pro visioning",
    "https://pbx.example.org/provisioning?x=1", "https://pbx.example.org/provisioning#x",
    "https://user:pass@pbx.example.org/provisioning", 'https://pbx.example.org/provisioning"',
    "https://pbx.example.org/provisioning,66", "https://pbx.example.org/provisioning\\",
    "https://pbx.example.org/provisioning;", "https://pbx.example.org/..", "https://pbx..org/p",
    "https://-pbx.example.org/p", "https://[2001:db8::1]/provisioning", "https://pbx.example.org:0/p",
    "https://pbx.example.org:65536/p", "https://pbx.example.org:/p", "https://999.0.0.1/p",
    "https://192.0.2/p", "https://192.0.2.01/p", "https://pbx.exämple.org/p",
    "https://pbx.example.org//p", "HTTPS://pbx.example.org/p",
]  # fmt: skip
MACROS = [f"https://pbx.example.org/{macro}" for macro in ("$MAC", "{mac}", "%MACD", "a%2fb")]


@pytest.mark.parametrize(
    "url",
    [
        "https://pbx.example.org/provisioning", "http://192.0.2.1/provisioning",
        "http://pbx:8080/provisioning", "https://pbx_1.example.org:65535/a/b-c_d.e~f",
    ],
)  # fmt: skip
def test_a_plain_url_is_taken_as_it_is(url):
    assert check_base_url(url) == url
    assert "".join(parted(url)) == url


@pytest.mark.parametrize("url", [*STRANGE, *MACROS, "https://pbx.example.org/p/"])
def test_anything_strange_in_a_base_url_is_refused(url):
    with pytest.raises(BaseUrlRefused, match="is not a URL like"):
        check_base_url(url)


@pytest.mark.parametrize("url", STRANGE)
def test_anything_strange_in_a_phones_own_url_is_refused_without_repeating_it(url):
    """It holds a token, and messages reach logs."""
    with pytest.raises(OwnUrlRefused) as refused:
        check_own_url(MAC, url)
    assert refused.value.mac == MAC
    assert str(MAC) in str(refused.value)
    assert "example" not in str(refused.value)


@pytest.mark.parametrize("end", ["0123/0c1105000001.cfg", "0123/", "0123"])
def test_a_phones_own_url_may_be_a_folder_or_a_file(end):
    url = f"https://pbx.example.org/provisioning/{end}"
    assert check_own_url(MAC, url) == url


def test_a_url_is_no_longer_than_an_option():
    longest = f"https://pbx.example.org/{'p' * 231}"
    assert len(longest) == 255
    assert check_base_url(longest) == check_own_url(MAC, longest) == longest
    with pytest.raises(BaseUrlRefused):
        check_base_url(f"{longest}p")
    with pytest.raises(OwnUrlRefused, match="has more than 255 characters"):
        check_own_url(MAC, f"{longest}p")


@given(st.one_of(st.text(), st.text().map(lambda text: f"https://pbx.example.org/{text}")))
def test_what_is_taken_has_no_sign_that_a_server_could_read_as_its_own(text):
    try:
        taken = check_own_url(MAC, text)
    except OwnUrlRefused:
        return
    assert re.fullmatch(r"[A-Za-z0-9:/_.(){}$%~-]+", taken)
