"""What the services stand on: clean words, kept values, turns."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.connect.rps.discretion import MAX_CHARACTERS, cleaned, parts_of
from provisioning.connect.rps.problems import (
    Code,
    DetailNeeded,
    NotSupported,
    OwnedElsewhere,
    Passing,
    Refused,
    Unclear,
    WrongCredentials,
    problem,
)
from provisioning.connect.rps.remembered import Remembered, account_key
from provisioning.connect.turns import turn_of

TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789_-", min_size=22, max_size=40)
ANY = st.text(max_size=300)


@given(before=ANY, token=TOKENS, after=ANY, scheme=st.sampled_from(["http", "https", "tftp"]))
def test_whatever_a_service_writes_the_token_is_not_repeated(before, token, after, scheme):
    url = f"{scheme}://pbx.example.org/provisioning/{token}/a.cfg?x={token}"
    for repeated in (url, token, f"/{token}/", url.replace("/", "\\/"), f"cfgPfName={token}"):
        assert token not in cleaned(before + repeated + after, parts_of(url))


@given(before=ANY, secret=st.text(min_size=6, max_size=40), after=ANY)
def test_whatever_a_service_writes_the_password_is_not_repeated(before, secret, after):
    if secret.strip("….") and secret not in before + after:
        assert secret not in cleaned(f"{before}{secret}{after}", [secret])


@given(ANY | st.text(min_size=3000))
def test_what_a_service_wrote_becomes_one_short_line(text):
    line = cleaned(text, [])
    assert len(line) <= MAX_CHARACTERS
    assert line.isprintable()
    assert line == line.strip()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Error:Invalid MAC(s):00-15-65-AA-BB-01", "Error:Invalid MAC(s):00-15-65-AA-BB-01"),
        ("taken_mac_or_forbidden", "taken_mac_or_forbidden"),
        ("service.common.token.unauthorized", "service.common.token.unauthorized"),
        ("use https://pbx.example.org/x/1 please", "use … please"),
        ("Hawk mac=6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE=", "Hawk …"),
        ("<b>no</b>\r\n\tpaper\x07", "no paper"),
        ("", ""),
    ],
)
def test_what_helps_stays(text, line):
    assert cleaned(text, []) == line


def test_cleaning_a_flood_takes_no_time():
    flood = "https:/<" + "a-" * 4_000_000
    assert len(cleaned(flood, ["a" * 9])) <= MAX_CHARACTERS


@pytest.mark.parametrize("code", Code)
def test_every_code_is_a_problem_with_a_sentence(code):
    found = problem("Service", code, "words", 7.0)
    assert found.code == code
    assert str(found) == f'Service: {found.sentence} It said: "words"'
    assert str(problem("Service", code)) == f"Service: {found.sentence}"
    assert found.sentence.endswith(".")
    assert found.retryable == isinstance(found, Passing | Unclear)
    if isinstance(found, Passing):
        assert found.retry_after_seconds == 7.0


def test_codes_are_stable():
    """Programs and translations rely on them; a new one comes on top."""
    classes = {
        Passing: [
            "connection_to_remote_provider_failed", "provider_timed_out", "rate_limited",
            "provider_remote_call_failed", "read_remote_response_failed",
            "unknown_response_from_provider",
        ],
        Unclear: ["unknown_provider_error"],
        WrongCredentials: ["wrong_credentials", "access_denied"],
        OwnedElsewhere: ["device_owned_by_other_user"],
        DetailNeeded: [
            "serial_number_required", "serial_number_invalid", "missing_mac-id_crc",
            "invalid_mac-id_crc_format",
        ],
        Refused: [
            "not_valid_mac_address", "malformed_url", "unsupported_url_scheme", "request_refused",
        ],
        NotSupported: [
            "provider_not_supported", "look_up_not_supported", "remove_not_supported",
        ],
    }  # fmt: skip
    assert {code: type(problem("S", code)) for code in Code} == {
        Code(code): kind for kind, codes in classes.items() for code in codes
    }


def test_a_value_is_fetched_once_and_kept_until_its_end():
    now = [100.0]
    fetched = []
    kept = Remembered(clock=lambda: now[0])

    def fetch():
        fetched.append(now[0])
        return f"value of {now[0]}", 60.0

    assert [kept.get("a", fetch), kept.get("a", fetch)] == ["value of 100.0"] * 2
    now[0] = 159.9
    assert kept.get("a", fetch) == "value of 100.0"
    now[0] = 160.0
    assert kept.get("a", fetch) == "value of 160.0"
    assert fetched == [100.0, 160.0]


def test_a_failure_is_never_kept():
    kept = Remembered()

    def fail():
        raise OSError("down")

    with pytest.raises(OSError, match="down"):
        kept.get("a", fail)
    assert kept.get("a", lambda: ("up", 60.0)) == "up"


def test_only_the_stale_value_is_forgotten():
    """A slow thread must not throw away the token that another has just renewed."""
    kept = Remembered()
    kept.get("a", lambda: ("old", 60.0))
    kept.forget("a", "old")
    kept.get("a", lambda: ("new", 60.0))
    kept.forget("a", "old")
    kept.forget("b", "old")
    assert kept.get("a", lambda: ("newer", 60.0)) == "new"


@pytest.mark.parametrize("fails", [False, True])
def test_threads_wait_for_the_one_that_fetches(fails):
    kept = Remembered()
    begun, go_on = threading.Event(), threading.Event()
    fetches, outcomes = [], []

    def fetch():
        fetches.append(1)
        begun.set()
        assert go_on.wait(10)
        if fails:
            raise OSError("down")
        return "value", 60.0

    def ask():
        try:
            outcomes.append(kept.get("a", fetch))
        except OSError as failure:
            outcomes.append(str(failure))

    first = threading.Thread(target=ask)
    first.start()
    assert begun.wait(10)
    assert kept.get("b", lambda: ("another key", 60.0)) == "another key"
    others = [threading.Thread(target=ask) for _ in range(5)]
    for thread in others:
        thread.start()
    go_on.set()
    for thread in (first, *others):
        thread.join(10)
    assert len(outcomes) == 6
    if not fails:
        assert len(fetches) == 1
    assert set(outcomes) == {"down" if fails else "value"}


def test_accounts_are_told_apart_without_keeping_the_secret():
    key = account_key("https://a", "user", "geheim")
    assert key == account_key("https://a", "user", "geheim")
    assert key != account_key("https://a", "user", "geheim2")
    assert key != account_key("https://b", "user", "geheim")
    assert b"geheim" not in repr(key).encode()


def test_one_key_has_one_turn_at_a_time_and_others_do_not_wait():
    order = []
    waiting = threading.Event()

    def second():
        waiting.set()
        with turn_of("a"):
            order.append("second")

    thread = threading.Thread(target=second)
    with turn_of("a"):
        thread.start()
        assert waiting.wait(10)
        with turn_of("b"):
            order.append("other key")
        thread.join(0.05)
        assert thread.is_alive()
        order.append("first")
    thread.join(10)
    assert order == ["other key", "first", "second"]


def test_a_turn_ends_with_a_failure_too():
    with pytest.raises(OSError, match="down"), turn_of("a"):
        raise OSError("down")
    with turn_of("a"):
        pass
