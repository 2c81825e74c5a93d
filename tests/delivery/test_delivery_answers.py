"""Status, headers and body of every kind of answer."""

import pytest
from served import YEALINK, Served
from werkzeug.test import create_environ, run_wsgi_app

from provisioning.services import defaults, phones
from provisioning.store import database

FILE = f"{YEALINK.bare}.cfg"


def test_a_configuration_is_text_for_one_phone_only(served: Served):
    phone = served.register()

    answer = served.ask(f"{phone.tok2}/{FILE}")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private"
    assert int(answer.headers["Content-Length"]) == len(answer.data) > 0


def test_an_unknown_token_and_an_unknown_file_look_the_same(served: Served):
    phone = served.register()

    unknown_token = served.ask(f"{'0' * 32}/{FILE}")
    unknown_file = served.ask(f"{phone.tok2}/nothing.txt")

    assert unknown_token.status_code == unknown_file.status_code == 404
    assert unknown_token.data == unknown_file.data == b""
    assert list(unknown_token.headers) == list(unknown_file.headers)


def test_a_phone_that_is_not_registered_gets_404_without_a_body(served: Served):
    """It was 500, which invites phones to try again at once (seen in Tancredi)."""
    answer = served.ask(FILE)

    assert (answer.status_code, answer.data) == (404, b"")
    assert served.last_request().outcome == "unknown_phone"
    assert served.last_request().phone == str(YEALINK)


@pytest.mark.parametrize(
    "path",
    [
        "", "nothing.txt", "a/b/c/d", "x/files/y", "./", "../etc/passwd", "//", "a//b",
        "check/pong", "check/ping/x", "\x00", "%2e%2e/x", "\u00e9.cfg", "001565aabb01.cfg/",
        "\U0001f4de.cfg", "x" * 3000, "001565aabb01.cfg\n", "001565aabb0g.cfg",
    ],
)  # fmt: skip
def test_what_names_nothing_of_ours_is_404_without_a_body(served: Served, path):
    served.register()

    answer = served.ask(path)

    assert (answer.status_code, answer.data) == (404, b"")
    assert served.last_request().status == 404


@pytest.mark.parametrize(
    "token", [".", "..", "...", "-", "a b", "a\u00e9", "a\x00", "'", '"', "*", "%", "a" * 129, "~"]
)
def test_no_token_can_hurt(served: Served, token):
    """``.`` and ``..`` ended in 500 (seen in Tancredi)."""
    answer = served.ask(f"{token}/{FILE}")

    assert (answer.status_code, answer.data) == (404, b"")


def test_a_token_with_a_dot_still_opens(served: Served):
    """Those made before 2023 have one, and migrated phones keep them."""
    from provisioning.store import phones as stored

    served.register()
    stored.delete_tokens(str(YEALINK), kind=2)
    stored.add_token(str(YEALINK), "1234567890abcdef1234567.12345678", kind=2)

    assert served.ask(f"1234567890abcdef1234567.12345678/{FILE}").status_code == 200


def test_a_query_string_and_double_slashes_are_ignored(served: Served):
    phone = served.register()
    for path in (f"//provisioning/{phone.tok2}/{FILE}", f"/provisioning/{phone.tok2}/{FILE}"):
        environ = create_environ("/", query_string="?")
        environ["PATH_INFO"] = path
        _, status, _ = run_wsgi_app(served.delivery, environ, buffered=True)
        assert status == "200 OK"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", [FILE, "check/ping", "a/b", "a/firmware/b"])
def test_only_get_is_allowed(served: Served, method, path):
    answer = served.ask(path, method=method)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


def test_head_tells_what_get_would_answer(served: Served):
    phone = served.register()

    for path in (f"{phone.tok2}/{FILE}", "nothing.txt", "check/ping"):
        get, head = served.ask(path), served.ask(path, method="HEAD")
        assert head.status_code == get.status_code
        assert dict(head.headers) == dict(get.headers)
        assert head.data == b""


def test_ping_tells_when_the_configuration_changed_last(served: Served, monkeypatch):
    monkeypatch.setattr(database.time, "time", lambda: 2_000_000_000.7)
    defaults.change(served.site, {"language": "it"}, by="tests")

    answer = served.ask("check/ping")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.data == b"2000000000"


def test_ping_is_no_contact_of_a_phone(served: Served):
    served.ask("check/ping")

    assert served.requests() == []


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "tmpl_phone is not set for this phone"),
        ("custom.tmpl", "custom.tmpl"),
        ("yealink/nothing.j2", "yealink/nothing.j2"),
        ("../phone.cfg.j2", "../phone.cfg.j2"),
        ("yealink/../snom/phone.xml.j2", "does not exist"),
    ],
)
def test_a_missing_template_is_told_to_the_admin_and_not_to_the_phone(
    served: Served, template, reason, caplog
):
    phone = served.register()
    phones.change(served.site, YEALINK, variables={"tmpl_phone": template}, by="tests")

    answer = served.ask(f"{phone.tok2}/{FILE}")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.data.startswith(b"Internal server error\n\n")
    assert b"tmpl" not in answer.data
    request = served.last_request()
    assert (request.outcome, request.status, request.phone) == ("failed", 500, str(YEALINK))
    assert reason in request.reason
    assert reason in caplog.text
