"""What a SUBSCRIBE tells of the phone that sent it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pnp_messages import MAC, URI, subscribe

from provisioning.connect.pnp.device import read_subscription
from provisioning.connect.pnp.message import Malformed, parse
from provisioning.engine.identification import identify
from provisioning.engine.vendor_files import load_library

PATTERNS = load_library([Path(__file__).parents[3] / "templates" / "phones"]).user_agents
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def device(changed: Mapping[str, str | None] = {}, *, uri: str = URI):
    message = parse(subscribe(changed, uri=uri))
    return read_subscription(message, "192.0.2.7", PATTERNS).device


def from_header(uri: str) -> dict[str, str]:
    return {"From": f"<{uri}>;tag=1"}


@pytest.mark.parametrize(
    "user",
    [
        "MAC%3a001565000001", "MAC%3A001565000001", "MAC:001565000001", "MAC001565000001",
        "MAC=001565000001", "mac%3a001565000001", "MAC%3a00:15:65:00:00:01",
        "MAC%3a00-15-65-00-00-01",
    ],
)  # fmt: skip
@pytest.mark.parametrize("host", ["224.0.1.75", "intern.snom.de", "gigaset.com:5060;x=y"])
def test_the_address_is_read_in_every_form_that_phones_use(user, host):
    uri = f"sip:{user}@{host}"
    assert device(from_header(uri), uri=uri).mac.bare == MAC


def test_the_request_counts_then_from_then_the_user_agent():
    nobody = "sip:224.0.1.75"
    named = {"User-Agent": "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:02"}
    assert device(from_header(nobody)).mac.bare == MAC
    assert device(uri=nobody).mac.bare == MAC
    assert device(named).mac.bare == MAC
    assert device({**from_header(nobody), **named}, uri=nobody).mac.bare == "001565000002"


@pytest.mark.parametrize(
    ("changed", "uri"),
    [
        (from_header("sip:MAC%3a001565000002@224.0.1.75"), URI),  # two phones
        (from_header("sip:224.0.1.75"), "sip:224.0.1.75"),  # none
        (from_header("sip:MAC%3a000000000000@x"), "sip:MAC%3a000000000000@x"),
        (from_header("sip:MAC%3a010000000001@x"), "sip:MAC%3a010000000001@x"),  # of a group
        (from_header("sip:MAC%3affffffffffff@x"), "sip:MAC%3affffffffffff@x"),
        (from_header("sip:MAC%3a0015650000012@x"), "sip:MAC%3a0015650000012@x"),
        (from_header("sip:MAC%3a00156500000g@x"), "sip:MAC%3a00156500000g@x"),
    ],
)  # fmt: skip
def test_a_phone_that_does_not_say_which_one_it_is_is_none(changed, uri):
    """Letters beyond F pass in Falconieri, and so does 00-00-00-00-00-00."""
    with pytest.raises(Malformed):
        device(changed, uri=uri)


@pytest.mark.parametrize(
    ("event", "user_agent", "told"),
    [
        ('ua-profile;vendor="Htek";model="UC903";version="2.0"', None, ("htek", "UC903", "2.0")),
        ('UA-Profile ; Vendor = "Htek" ; MODEL= UC903', "?", ("htek", "UC903", "")),
        ('ua-profile;vender="Panasonic"', "", ("panasonic", "", "")),
        ('ua-profile;vendor="a\\"b;model=x";model=y;model=z', "", ('a"b;model=x', "y", "")),
        ("ua-profile", "snomD120/10.1.39.11", ("snom", "D120", "10.1.39.11")),
        # A model for all phones of a vendor, as a third party reports of Fanvil.
        (
            'ua-profile;vendor="Fanvil";model="VOIP PHONE";version="1"',
            "Fanvil X4 2.10.2.6887 0c383e010203",
            ("fanvil", "X4", "2.10.2.6887"),
        ),
        ("ua-profile;vendor;model=;;=", "", ("", "", "")),
    ],
)
def test_vendor_model_and_firmware_come_from_the_user_agent_or_else_the_event(
    event, user_agent, told
):
    seen = device({"Event": event, "User-Agent": user_agent})
    assert (seen.vendor, seen.model, seen.version) == told


@pytest.mark.parametrize(
    "changed",
    [
        {"Event": "presence"}, {"Event": "ua-profiles"}, {"Event": "ua-profile x"}, {"Event": None},
        {"CSeq": "7 NOTIFY"}, {"CSeq": "x SUBSCRIBE"}, {"CSeq": "2147483648 SUBSCRIBE"},
        {"CSeq": None}, {"Call-ID": None}, {"Call-ID": "a b"}, {"Via": None}, {"Contact": None},
        {"Contact": "*"}, {"Contact": "<tel:1>"}, {"Contact": "<sip:a b>"}, {"From": None},
        {"From": f"<{URI}>"}, {"From": f"{URI}"}, {"To": f"<{URI}>;tag=1"}, {"To": None},
    ],
)  # fmt: skip
def test_what_does_not_begin_a_conversation_about_a_profile_is_refused(changed):
    with pytest.raises(Malformed):
        device(changed)


def test_a_name_before_an_address_may_hold_anything():
    name = '"a; tag=1 <sip:MAC%3a001565000002@x> \\" " '
    assert device({"From": f"{name}<{URI}>;tag=2", "To": f"{name}<{URI}>"}).mac.bare == MAC


@given(user_agent=TEXT, words=TEXT)
def test_what_a_phone_says_of_itself_is_short_printable_text(user_agent, words):
    try:
        seen = device(
            {"User-Agent": user_agent, "Event": f"ua-profile;vendor={words};model={words}"}
        )
    except Malformed:
        return
    for text in (seen.vendor, seen.model, seen.version, seen.user_agent):
        assert text.isprintable()
        assert len(text) <= 200


def test_a_phone_without_a_user_agent_says_what_its_event_says():
    """Else an unknown one would be listed without a word about itself."""
    assert device().says == "Yealink SIP-T53W 96.87.0.16"
    silent = device({"User-Agent": None})
    assert silent.says == "yealink T53W 96.87.0.16"
    assert identify(silent.says, PATTERNS).model == "T53W"
