"""The XML-RPC services: what their texts mean, and the ways each has of its own."""

import pytest
from rps_accounts import OTHER_URL, URL, device, opened, refusing

from peers.rps.fanvil import FakeFanvil
from peers.rps.gigaset_xml_rpc import FakeGigasetXmlRpc
from peers.rps.snom_xml_rpc import FakeSnomXmlRpc
from peers.rps.xml_rpc import fault
from peers.rps.yealink_xml_rpc import FakeYealinkXmlRpc
from provisioning.connect.rps.problems import (
    DetailNeeded,
    OwnedElsewhere,
    Passing,
    Refused,
    Unclear,
)
from provisioning.connect.rps.service import LookUp, Presence, RedirectDevice


@pytest.fixture
def cloud(request):
    with request.param() as cloud:
        yield cloud
        assert cloud.broken_rules == []


@pytest.fixture
def service(cloud):
    with opened(cloud) as service:
        yield service


ALL = pytest.mark.parametrize(
    "cloud",
    [FakeYealinkXmlRpc, FakeSnomXmlRpc, FakeGigasetXmlRpc, FakeFanvil],
    indirect=True,
    ids=lambda cloud: cloud.kind,
)
YEALINK = pytest.mark.parametrize("cloud", [FakeYealinkXmlRpc], indirect=True)
SNOM = pytest.mark.parametrize("cloud", [FakeSnomXmlRpc], indirect=True)
GIGASET = pytest.mark.parametrize("cloud", [FakeGigasetXmlRpc], indirect=True)
FANVIL = pytest.mark.parametrize("cloud", [FakeFanvil], indirect=True)


@ALL
def test_a_fault_is_read_like_an_error(cloud, service):
    cloud.answer = lambda request: fault(200, cloud.foreign_text)
    with refusing(OwnedElsewhere, cloud):
        service.register(device(cloud), URL)
    cloud.answer = lambda request: fault(500, "out of paper")
    with refusing(Unclear, cloud) as refused:
        service.register(device(cloud), URL)
    assert (refused.value.code, refused.value.said) == ("unknown_provider_error", "out of paper")


@ALL
def test_an_error_nobody_knows_is_kept_in_its_own_words(cloud, service):
    cloud.answer = lambda request: cloud.array(False, f"Error: no luck\n with {URL}")
    for call in (
        lambda: service.register(device(cloud), URL),
        lambda: service.look_up(device(cloud)),
    ):
        with refusing(Unclear, cloud) as refused:
            call()
        assert refused.value.said == "Error: no luck with …"


@ALL
def test_an_error_with_the_flag_of_success_is_an_error(cloud, service):
    cloud.answer = lambda request: cloud.array(True, "Error:out_of_paper")
    with refusing(Unclear, cloud):
        service.register(device(cloud), URL)


@ALL
def test_an_answer_that_confirms_nothing_is_no_success(cloud, service):
    body = b"<methodResponse><params><param><value>maybe</value></param></params></methodResponse>"
    answer = cloud.array(True)
    cloud.answer = lambda request: type(answer)(200, body)
    with refusing(Passing, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == "unknown_response_from_provider"
    assert service.look_up(device(cloud)).presence == Presence.UNKNOWN


@ALL
def test_a_known_text_counts_more_than_a_503(cloud, service):
    cloud.answer = lambda request: type(cloud.array(True))(503, cloud.foreign_answer().body)
    with refusing(OwnedElsewhere, cloud):
        service.register(device(cloud), URL)
    unknown = cloud.array(False, "come back later").body
    cloud.answer = lambda request: type(cloud.array(True))(503, unknown)
    with refusing(Passing, cloud) as refused:
        service.register(device(cloud), URL)
    assert (refused.value.code, refused.value.said) == (
        "provider_remote_call_failed", "come back later",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cloud", "text", "kind", "code"),
    [
        (FakeSnomXmlRpc, "Error:malformed_mac", Refused, "not_valid_mac_address"),
        (FakeSnomXmlRpc, "Error:malformed_url", Refused, "malformed_url"),
        (FakeSnomXmlRpc, "Error:owned_by_other_user", OwnedElsewhere, "device_owned_by_other_user"),
        (FakeSnomXmlRpc, "Error:no_such_mac", Refused, "not_valid_mac_address"),
        (FakeFanvil, "Error: mac_format_error", Refused, "not_valid_mac_address"),
        (FakeFanvil, "Error:mac_format_error", Refused, "not_valid_mac_address"),
        (FakeFanvil, "Error: url_format_error", Refused, "malformed_url"),
        (FakeGigasetXmlRpc, "mac_invalid:00", Refused, "not_valid_mac_address"),
        (FakeGigasetXmlRpc, "mac_not_exist:00", Refused, "not_valid_mac_address"),
        (FakeGigasetXmlRpc, "url_invalid:x", Refused, "malformed_url"),
        (FakeGigasetXmlRpc, "name_invalid:x", Refused, "request_refused"),
        (FakeYealinkXmlRpc, "Error:Invalid MAC(s):0015", Refused, "not_valid_mac_address"),
        (FakeYealinkXmlRpc, "Error:Invalid server", Refused, "request_refused"),
        (
            FakeYealinkXmlRpc,
            "Error:The URL must begin with http, https, ftp or tftp",
            Refused,
            "malformed_url",
        ),
        (FakeYealinkXmlRpc, "Error:00156512345f", OwnedElsewhere, "device_owned_by_other_user"),
        (
            FakeYealinkXmlRpc,
            "Error:00-15-65-AA-BB-01",
            OwnedElsewhere,
            "device_owned_by_other_user",
        ),
        (FakeYealinkXmlRpc, "Error:Please confirm", Unclear, "unknown_provider_error"),
    ],
    indirect=["cloud"],
)
def test_texts_are_told_apart(cloud, service, text, kind, code):
    """Falconieri takes ten letters after the colon for a foreign id; "Invalid MAC" is none."""
    cloud.answer = lambda request: cloud.array(False, text)
    with refusing(kind, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.code == code


@YEALINK
@pytest.mark.parametrize(
    ("word", "presence"),
    [
        ("Registered", Presence.OURS),
        ("Unregistered", Presence.ABSENT),
        ("Unknown", Presence.UNKNOWN),
        ("Registered Elsewhere", Presence.ELSEWHERE),
    ],
)
@pytest.mark.parametrize("flag", [True, False])
def test_yealinks_words_tell_where_a_phone_is(cloud, service, word, presence, flag):
    cloud.answer = lambda request: cloud.array(flag, word)
    assert service.look_up(device(cloud)) == LookUp(presence)


@YEALINK
def test_a_yealink_phone_is_registered_under_the_name_of_our_server(cloud, service):
    service.register(device(cloud), URL)
    service.register(device(cloud), OTHER_URL)
    assert cloud.calls == ["redirect.registerDeviceWithUniqueUrl"] * 2


@YEALINK
def test_a_server_name_that_the_account_lacks_is_final(cloud):
    with opened(cloud, server_name="nobody") as service, refusing(Refused, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.said == "Error:Invalid server nobody"


@SNOM
def test_a_redirection_is_found_with_and_without_a_flag(cloud, service):
    """Snom's wiki tells of no flag, Snom's client expects one: neither is established."""
    value = "<value><string>{}</string></value>"
    texts = value.format("Our Company") + value.format(URL)
    whole = (
        "<methodResponse><params><param><value><array><data>{}</data></array></value></param>"
        "</params></methodResponse>"
    )
    with_flag = "<value><boolean>1</boolean></value>" + texts
    for inside in (texts, with_flag):
        body = whole.format(inside).encode()
        cloud.answer = lambda request, body=body: type(cloud.array(True))(200, body)
        assert service.look_up(device(cloud)) == LookUp(Presence.OURS, URL)


@SNOM
def test_a_snom_phone_without_a_url_in_the_answer_is_ours(cloud, service):
    cloud.answer = lambda request: cloud.array(True, "Our Company")
    assert service.look_up(device(cloud)) == LookUp(Presence.OURS, None)


@GIGASET
def test_a_gigaset_phone_needs_the_code_on_its_label(cloud, service):
    phone = RedirectDevice(device(cloud).mac, "gigaset")
    for call in (
        lambda: service.register(phone, URL),
        lambda: service.look_up(phone),
        lambda: service.remove(phone),
    ):
        with refusing(DetailNeeded, cloud) as refused:
            call()
        assert (refused.value.code, refused.value.detail) == ("missing_mac-id_crc", "check_code")
    assert cloud.asked == []


@GIGASET
def test_a_wrong_code_is_found_by_the_service(cloud, service):
    phone = RedirectDevice(device(cloud).mac, "gigaset", check_code="ZZZZ")
    with refusing(Refused, cloud) as refused:
        service.register(phone, URL)
    assert refused.value.code == "not_valid_mac_address"


@GIGASET
def test_an_account_may_be_exempt_from_the_code(cloud):
    cloud.exempt = True
    with opened(cloud) as service:
        service.register(RedirectDevice(device(cloud).mac, "gigaset"), URL)
    assert cloud.devices == {device(cloud).mac.bare: URL}


@FANVIL
def test_fanvil_is_asked_in_the_order_that_it_allows(cloud, service):
    """With the server deleted first no phone could be registered twice (an older Falconieri).

    A server that a phone is bound to cannot be deleted.
    """
    service.register(device(cloud), URL)
    service.register(device(cloud), OTHER_URL)
    once = [
        "redirect.deRegisterDevice",
        "redirect.deleteServer",
        "redirect.addMaterialServer",
        "redirect.registerDevice",
    ]
    assert cloud.calls == once * 2
    assert cloud.devices == {device(cloud).mac.bare: OTHER_URL}


@FANVIL
@pytest.mark.parametrize(
    "step",
    ["deRegisterDevice", "deleteServer", "addMaterialServer", "registerDevice"],
)
@pytest.mark.parametrize("known", [False, True])
def test_fanvils_steps_bear_an_interruption_anywhere(cloud, service, step, known):
    if known:
        service.register(device(cloud), OTHER_URL)
    cloud.trouble("hang_up", at=f"redirect.{step}", times=1)
    with refusing(Passing, cloud):
        service.register(device(cloud), URL)
    service.register(device(cloud), URL)
    assert cloud.devices == {device(cloud).mac.bare: URL}
    assert cloud.servers == {device(cloud).mac.bare.upper(): URL}


@FANVIL
def test_a_url_for_a_phone_of_others_is_not_left_at_fanvil(cloud, service):
    cloud.give_to_others(device(cloud).mac.bare)
    with refusing(OwnedElsewhere, cloud):
        service.register(device(cloud), URL)
    assert cloud.servers == {}


@FANVIL
def test_whom_a_phone_belongs_to_is_told_even_if_cleaning_up_fails(cloud, service):
    cloud.give_to_others(device(cloud).mac.bare)
    deletions = iter([False, True])
    cloud.redirect_deleteServer = lambda name: (
        (False, "Error: no luck") if next(deletions) else (False, "Error:server_not_exist")
    )
    with refusing(OwnedElsewhere, cloud):
        service.register(device(cloud), URL)


@FANVIL
def test_removing_a_fanvil_phone_takes_its_server_away_too(cloud, service):
    service.register(device(cloud), URL)
    assert service.remove(device(cloud)) is True
    assert cloud.servers == {}


@FANVIL
def test_fanvils_plain_password_is_never_sent(cloud, service):
    service.register(device(cloud), URL)
    assert {cloud.basic(request) for request in cloud.asked} == {(cloud.user, cloud.password())}
    assert cloud.password() != cloud.secret


@FANVIL
@pytest.mark.parametrize("end", ["?a=b", "#a", "?", "#"])
def test_what_fanvil_has_no_place_for_is_refused_before_anything_is_deleted(cloud, service, end):
    service.register(device(cloud), URL)
    sent = len(cloud.asked)
    with refusing(Refused, cloud):
        service.register(device(cloud), OTHER_URL + end)
    assert len(cloud.asked) == sent
    assert cloud.devices == {device(cloud).mac.bare: URL}


@ALL
def test_the_password_is_no_part_of_what_a_service_repeats(cloud, service):
    cloud.answer = lambda request: cloud.array(
        False, f"cannot log {cloud.user} {cloud.secret} {cloud.password()} in"
    )
    with refusing(Unclear, cloud) as refused:
        service.register(device(cloud), URL)
    assert refused.value.said == f"cannot log {cloud.user} … … in"


@ALL
def test_a_token_that_looks_like_a_word_is_not_repeated_either(cloud, service):
    cloud.answer = lambda request: cloud.array(False, "cannot store swordfish in our/swordfish/x")
    with refusing(Unclear, cloud) as refused:
        service.register(device(cloud), "https://pbx.example.org/swordfish/x.cfg")
    assert refused.value.said == "cannot store … in our/…/x"
